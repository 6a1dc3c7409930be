/** A flow of a base law and bijections one after the other: ln p(y) = ln p₀(z) - Σ ln |det Jₖ|. */
import type { Base, Bijection, Flow, Weights } from './flow.ts';

/**
 * Makes the flow y = fₙ(… f₁(z)).
 *
 * Weights are named `base.…` and `layers.0.…`, `layers.1.…`, … by the order of the bijections.
 *
 * @param bijections In the order from the base to the values, all of the base's dimension and of one context.
 */
export function composedFlow(base: Base, bijections: readonly Bijection[], dimension: number, contextDimension: number): Flow {
  const parts = [{ prefix: 'base.', part: base }, ...bijections.map((part, k) => ({ prefix: `layers.${k}.`, part }))];
  const under =
    (weights: Weights, prefix: string): Weights =>
    (name) =>
      weights(prefix + name);
  return {
    dimension,
    contextDimension,
    weights: parts.flatMap(({ prefix, part }) => part.weights.map((weight) => ({ ...weight, name: prefix + weight.name }))),
    start: (uniform) =>
      Object.fromEntries(parts.flatMap(({ prefix, part }) => Object.entries(part.start(uniform)).map(([name, values]) => [prefix + name, values]))),
    normals: base.normals,
    sample: (g, weights, normals, context) => {
      let value = base.sample(g, under(weights, 'base.'), normals);
      let logDensity = base.logDensity(g, under(weights, 'base.'), value);
      for (const [k, bijection] of bijections.entries()) {
        const mapped = bijection.forward(g, under(weights, `layers.${k}.`), value, context);
        value = mapped.value;
        logDensity = g.subtract(logDensity, mapped.logDet);
      }
      return { value, logDensity };
    },
    logDensity: (g, weights, value, context) => {
      let z = value;
      let logDet = g.constant(0);
      for (const [k, bijection] of [...bijections.entries()].reverse()) {
        const mapped = bijection.inverse(g, under(weights, `layers.${k}.`), z, context);
        z = mapped.value;
        logDet = g.add(logDet, mapped.logDet);
      }
      return g.add(base.logDensity(g, under(weights, 'base.'), z), logDet);
    },
  };
}
