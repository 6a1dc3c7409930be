/**
 * Quadratic functions over the simplex: min ½ wᵀQw - cᵀw, w ≥ 0, Σ w = 1, by an active set as in Wolfe 1976, "Finding the nearest point in a polytope".
 *
 * Within a set of atoms the minimum over the plane Σ w = 1 is exact; a step towards it stops where a weight vanishes, whose atom is then dropped.
 */
import { backward, factor, forward, triangle } from '../data/covariance.ts';

/** Added to the diagonal, relative to its largest entry: atoms that rounding makes dependent must not stop the solution. */
const RIDGE = 1e-13;

/**
 * Minimises over the weights of few atoms.
 *
 * @param quadratic [m × m], symmetric and nowhere negative.
 * @param linear [m]
 * @param start [m] weights on the simplex; an atom that has just come in has 0.
 * @returns [m] weights; 0 for atoms that are not needed.
 */
export function simplexMinimum(quadratic: readonly Float64Array[], linear: Float64Array, start: Float64Array): Float64Array {
  const weights = start.slice();
  let support = Array.from(weights.keys());
  while (support.length > 1) {
    const target = planeMinimum(quadratic, linear, support);
    // The step to the plane's minimum, or to where the first weight vanishes.
    let step = 1;
    for (const [k, a] of support.entries()) {
      if (target[k] < 0) step = Math.min(step, weights[a] / (weights[a] - target[k]));
    }
    for (const [k, a] of support.entries()) weights[a] += step * (target[k] - weights[a]);
    if (step === 1) break;
    const before = support.length;
    support = support.filter((a, k) => {
      const stays = target[k] >= 0 || weights[a] > 1e-14;
      if (!stays) weights[a] = 0;
      return stays;
    });
    if (support.length === before) break;
  }
  const total = weights.reduce((sum, weight) => sum + Math.max(0, weight), 0);
  return weights.map((weight) => Math.max(0, weight) / total);
}

/** Minimum over Σ w = 1 of the atoms in the support, weights of either sign. */
function planeMinimum(quadratic: readonly Float64Array[], linear: Float64Array, support: readonly number[]): Float64Array {
  const [base, ...others] = support;
  const size = others.length;
  const hessian = new Float64Array((size * (size + 1)) / 2);
  const solution = new Float64Array(size);
  let largest = 0;
  for (const [i, a] of others.entries()) {
    for (let j = 0; j <= i; j++) {
      const b = others[j];
      hessian[triangle(i, j)] = quadratic[a][b] - quadratic[base][a] - quadratic[base][b] + quadratic[base][base];
    }
    largest = Math.max(largest, hessian[triangle(i, i)]);
    solution[i] = quadratic[base][base] - quadratic[base][a] + linear[a] - linear[base];
  }
  for (let ridge = RIDGE * Math.max(largest, Number.MIN_VALUE / RIDGE); ; ridge *= 100) {
    const lower = hessian.slice();
    for (let i = 0; i < size; i++) lower[triangle(i, i)] += ridge;
    if (!(factor(lower, size) >= 0)) continue;
    forward(lower, size, solution);
    backward(lower, size, solution);
    break;
  }
  return Float64Array.of(1 - solution.reduce((sum, value) => sum + value, 0), ...solution);
}
