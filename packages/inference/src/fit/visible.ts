/**
 * What the data can see of a law: coordinates z of its averaged coefficients in which the likelihood is a round bowl.
 *
 * Near u₀ the NLL is c + l·u + ½ uᵀ C u (exactly, where it is quadratic). A C-orthonormal basis e_k of the coefficients at candidate points, by pivoted
 * Gram–Schmidt, gives z_k = e_kᵀ C u and NLL = c + ½ |z − target|² − ½ |target|². What is left of every candidate has a C-norm below √tolerance: it
 * changes the NLL by less than the tolerance in nats. So the number of coordinates is the number of averages of the law that these data can tell at all.
 */
import type { AveragedObjective } from '../convex/objective.ts';
import { inner } from '../data/quadraticForm.ts';

/** Coordinates that the data see. */
export interface Visible {
  readonly rank: number;
  /** [rank]: where the NLL is least. */
  readonly target: Float64Array;
  /** NLL at the target, over all coefficients in the span of the candidates (whether a law has them or not). */
  readonly least: number;
  /** [rank] of [size]: z_k = covectors[k]·u. */
  readonly covectors: readonly Float64Array[];
  /** Coordinates of rows, [M × rank] row by row. */
  project(table: Float64Array): Float64Array;
}

/** Squared C-norm, in nats, below which a candidate counts as reached. */
const TOLERANCE = 1e-3;
/** Part of a squared norm that subtraction cannot tell from 0. */
const ROUNDING = 1e-12;
/** Coordinates at most: far above what any data of this kind have shown (8 at T = 3000). */
const MOST = 48;

/**
 * Finds the coordinates.
 *
 * @param table [M × size] Coefficients at candidate points, row by row; rows with a number that is not finite are passed over.
 * @param at u₀, [size]; default 0.
 * @param tolerance In nats; default 1e-3.
 */
export function visible(
  objective: AveragedObjective,
  table: Float64Array,
  at: Float64Array = new Float64Array(objective.size),
  tolerance: number = TOLERANCE,
): Visible {
  const { size } = objective;
  const count = table.length / size;
  const rowOf = (m: number): Float64Array => table.subarray(m * size, (m + 1) * size);
  const curvature = (v: Float64Array): Float64Array => objective.curvature(at, v);
  const curved = curvature(at);
  const slope = objective.gradient(at).map((value, k) => value - curved[k]);
  const constant = objective.value(at) - inner(slope, at) - inner(curved, at) / 2;
  const left = Float64Array.from({ length: count }, (_, m) => {
    const norm = inner(curvature(rowOf(m)), rowOf(m));
    return Number.isFinite(norm) ? norm : 0;
  });
  const initial = left.slice();
  const basis: Float64Array[] = [];
  const covectors: Float64Array[] = [];
  const target: number[] = [];
  while (basis.length < MOST) {
    let pivot = 0;
    for (let m = 1; m < count; m++) if (left[m] > left[pivot]) pivot = m;
    if (!(left[pivot] > tolerance)) break;
    const e = rowOf(pivot).slice();
    // Twice is enough (Parlett 1998, §6.9): what rounding left of earlier directions goes.
    for (let pass = 0; pass < 2; pass++) {
      for (const [k, covector] of covectors.entries()) {
        const part = inner(covector, e);
        for (let j = 0; j < size; j++) e[j] -= part * basis[k][j];
      }
    }
    const scale = Math.sqrt(inner(curvature(e), e));
    if (!(scale > 0)) break;
    for (let j = 0; j < size; j++) e[j] /= scale;
    const covector = curvature(e);
    basis.push(e);
    covectors.push(covector);
    target.push(-inner(slope, e));
    for (let m = 0; m < count; m++) {
      const part = inner(covector, rowOf(m));
      const rest = left[m] - part * part;
      // A difference of equal numbers is rounding, not a direction.
      left[m] = rest > ROUNDING * initial[m] ? rest : 0;
    }
  }
  const rank = basis.length;
  return {
    rank,
    target: Float64Array.from(target),
    least: constant - target.reduce((total, t) => total + t * t, 0) / 2,
    covectors,
    project: (rows) => {
      const out = new Float64Array((rows.length / size) * rank);
      for (let m = 0; m < rows.length / size; m++) {
        for (let k = 0; k < rank; k++) out[m * rank + k] = inner(covectors[k], rows.subarray(m * size, (m + 1) * size));
      }
      return out;
    },
  };
}
