/** A flow of a base law and bijections one after the other: ln p(y) = ln p₀(z) - Σ ln |det Jₖ|. */
import type { Base, Bijection, Flow } from './flow.ts';
import { joined, under } from './parts.ts';

/**
 * Makes the flow y = fₙ(… f₁(z)).
 *
 * Weights are named `base.…` and `layers.0.…`, `layers.1.…`, … by the order of the bijections.
 *
 * @param bijections In the order from the base to the values, all of the base's dimension and of one context.
 */
export function composedFlow(base: Base, bijections: readonly Bijection[], dimension: number, contextDimension: number): Flow {
  const layers = bijections.map((bijection, k) => [`layers.${k}.`, bijection] as const);
  return {
    dimension,
    contextDimension,
    ...joined([['base.', base], ...layers]),
    normals: base.normals,
    sample: (g, weights, normals, context) => {
      let value = base.sample(g, under(weights, 'base.'), normals);
      let logDensity = base.logDensity(g, under(weights, 'base.'), value);
      for (const [prefix, bijection] of layers) {
        const mapped = bijection.forward(g, under(weights, prefix), value, context);
        value = mapped.value;
        logDensity = g.subtract(logDensity, mapped.logDet);
      }
      return { value, logDensity };
    },
    logDensity: (g, weights, value, context) => {
      let z = value;
      let logDet = g.constant(0);
      for (const [prefix, bijection] of [...layers].reverse()) {
        const mapped = bijection.inverse(g, under(weights, prefix), z, context);
        z = mapped.value;
        logDet = g.add(logDet, mapped.logDet);
      }
      return g.add(base.logDensity(g, under(weights, 'base.'), z), logDet);
    },
  };
}
