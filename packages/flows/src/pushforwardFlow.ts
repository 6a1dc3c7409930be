/** A plain network from the base to the values: samples without a density. */
import { conditioner, type Hidden } from './conditioner.ts';
import type { Base, Bijection, Flow } from './flow.ts';
import { joined, under } from './parts.ts';
import { stackRows } from './rows.ts';

/**
 * Makes y = f(z) with `blocks` residual steps z ← z + net(z, context) and a last invertible map, such as an elementwise affine one.
 *
 * The steps need not be invertible, so the law may have atoms, folds and no density at all; that is why it has no `logDensity`. It starts at the base.
 * Weights are named `base.…`, `layers.0.…`, …, as those of a composed flow.
 */
export function pushforwardFlow(base: Base, blocks: number, last: Bijection, dimension: number, contextDimension: number, hidden: Hidden): Flow {
  const network = conditioner(dimension + contextDimension, dimension, hidden);
  const prefixes = Array.from({ length: blocks }, (_, k) => `layers.${k}.`);
  const lastPrefix = `layers.${blocks}.`;
  return {
    dimension,
    contextDimension,
    ...joined([['base.', base], ...prefixes.map((prefix) => [prefix, network] as const), [lastPrefix, last]]),
    normals: base.normals,
    sample: (g, weights, normals, context) => {
      let value = base.sample(g, under(weights, 'base.'), normals);
      for (const prefix of prefixes) {
        const input = context === null ? value : stackRows(g, [value, context]);
        value = g.add(value, network.build(g, under(weights, prefix), input));
      }
      return { value: last.forward(g, under(weights, lastPrefix), value, context).value, logDensity: null };
    },
    logDensity: null,
  };
}
