/** The law of a reversible fast process, π ~ exp(-U) with ∇U = -2 D⁻¹ β and D = ααᵀ constant: U by integrals along rays from the origin. */
import type { FastProcess } from './fastProcess.ts';
import { symmetric } from './gaussianLaw.ts';
import { gaussLegendre } from './gaussLegendre.ts';
import { linearSolve } from './linearSolve.ts';

/** Exact for drifts that are polynomials of degree 15. */
const RULE = gaussLegendre(8);

/** Points at which U is compared with its gradient. */
const PROBES = 32;

/** Step of the central differences, and how far they may be off, relative to the largest force at the probes. */
const STEP = 1e-3;
const TOLERANCE = 1e-5;

/**
 * Makes log π up to a constant, or null if the noise is not constant and regular, or the force is no gradient (at probes within ±2).
 *
 * Not checked: that forces which are not polynomials are smooth enough for 8 nodes along a ray, beyond the probes.
 */
export function gradientLaw(process: FastProcess): ((points: readonly Float64Array[]) => Float64Array) | null {
  const d = process.dimension;
  const probes = Array.from({ length: d }, (_, i) => Float64Array.from({ length: PROBES }, (_, k) => (((k + 1) * Math.sqrt(3 + 4 * i)) % 4) - 2));
  const { drift, diffusion } = process.dynamics(probes);
  if (diffusion.some((values) => values.some((value) => !(Math.abs(value - values[0]) <= 1e-12 * Math.abs(values[0]))))) return null;
  const inverse = inverseOf(symmetric(diffusion.map(([value]) => value)));
  if (inverse === null) return null;
  const force = (beta: readonly Float64Array[], i: number, k: number): number =>
    inverse[i].reduce((sum, entry, j) => sum + 2 * entry * beta[j][k], 0);
  const logDensity = (points: readonly Float64Array[]): Float64Array => {
    const values = new Float64Array(points[0].length);
    for (const [n, node] of RULE.nodes.entries()) {
      const { drift: beta } = process.dynamics(points.map((component) => component.map((value) => node * value)));
      for (const [i, component] of points.entries()) {
        for (const [j, slope] of beta.entries()) {
          const factor = 2 * RULE.weights[n] * inverse[i][j];
          if (factor !== 0) for (let k = 0; k < values.length; k++) values[k] += factor * slope[k] * component[k];
        }
      }
    }
    return values;
  };
  let [largest, off] = [0, 0];
  for (let i = 0; i < d; i++) {
    const moved = (by: number): Float64Array =>
      logDensity(probes.map((component, j) => (j === i ? component.map((value) => value + by) : component)));
    const [up, down] = [moved(STEP), moved(-STEP)];
    for (let k = 0; k < PROBES; k++) {
      largest = Math.max(largest, Math.abs(force(drift, i, k)));
      off = Math.max(off, Math.abs((up[k] - down[k]) / (2 * STEP) - force(drift, i, k)));
    }
  }
  return off <= TOLERANCE * largest ? logDensity : null;
}

function inverseOf(matrix: readonly (readonly number[])[]): number[][] | null {
  try {
    const columns = matrix.map((_, j) =>
      linearSolve(
        matrix,
        matrix.map((_, i) => (i === j ? 1 : 0)),
      ),
    );
    return matrix.map((_, i) => columns.map((column) => column[i]));
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
