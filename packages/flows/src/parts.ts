/** Parts that own weights, put together under names of their own. */
import type { Uniform, Weight, Weights } from './flow.ts';

/** Something with weights and start values. */
export interface Part {
  readonly weights: readonly Weight[];
  start(uniform: Uniform): Readonly<Record<string, Float64Array>>;
}

/** The weights and start values of all parts, each name with its part's prefix. */
export function joined(parts: readonly (readonly [prefix: string, part: Part])[]): Part {
  return {
    weights: parts.flatMap(([prefix, part]) => part.weights.map((weight) => ({ ...weight, name: prefix + weight.name }))),
    start: (uniform) =>
      Object.fromEntries(parts.flatMap(([prefix, part]) => Object.entries(part.start(uniform)).map(([name, values]) => [prefix + name, values]))),
  };
}

/** The weights as a part with this prefix names them. */
export const under =
  (weights: Weights, prefix: string): Weights =>
  (name) =>
    weights(prefix + name);
