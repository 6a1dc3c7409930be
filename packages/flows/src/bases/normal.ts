/** The standard normal law. */
import type { Base } from '../flow.ts';

/** ½ ln 2π. */
export const HALF_LOG_TWO_PI = 0.91893853320467274178;

/** Makes N(0, 1) on R^d: a sample is its normals. */
export function normal(dimension: number): Base {
  return {
    weights: [],
    start: () => ({}),
    normals: dimension,
    sample: (_, __, normals) => normals,
    logDensity: (g, _, z) => g.subtract(g.multiply(g.constant(-0.5), g.sumRows(g.multiply(z, z))), g.constant(dimension * HALF_LOG_TWO_PI)),
  };
}
