/** The binned likelihood as a function of b̄ and ā at the nodes: value, gradient and Fisher's information, which stands for the curvature. */
import { scalarFunction } from '@ergoflow/kernels';
import type { BinnedStatistics } from '../data/binned.ts';
import { invert, triangle } from '../data/covariance.ts';
import type { AveragedObjective } from './objective.ts';

const log = scalarFunction('log');

/**
 * NLL of stacked b̄ and lower triangle of ā, [(dx + dx (dx + 1)/2) × n]; infinite where ā is not positive definite.
 *
 * It is not convex in ā, but Fisher's information T ā⁻¹ for b̄ and ½ N ā⁻¹ ⊗ ā⁻¹ for ā is never negative.
 */
export function binnedObjective(statistics: BinnedStatistics): AveragedObjective {
  const { number, time, displacement, square, constant } = statistics;
  const n = number.length;
  const size = displacement.length;
  const pairs = square.length;
  const inverse = new Float64Array(pairs);
  const residual = new Float64Array(pairs);
  const entry = (matrix: Float64Array, p: number, q: number): number => matrix[p >= q ? triangle(p, q) : triangle(q, p)];
  /** Puts ā_i⁻¹ and S - b Dᵀ - D bᵀ + T b bᵀ in place; gives det ā_i. */
  const at = (u: Float64Array, i: number): number => {
    for (let p = 0; p < size; p++) {
      for (let q = 0; q <= p; q++) {
        const e = triangle(p, q);
        const [b, c] = [u[p * n + i], u[q * n + i]];
        inverse[e] = u[(size + e) * n + i];
        residual[e] = square[e][i] - b * displacement[q][i] - c * displacement[p][i] + time[i] * b * c;
      }
    }
    return invert(inverse, size);
  };
  /** A⁻¹ M A⁻¹ for a symmetric M, entry (p, q). */
  const sandwich = (matrix: Float64Array, p: number, q: number): number => {
    let total = 0;
    for (let r = 0; r < size; r++) for (let s = 0; s < size; s++) total += entry(inverse, p, r) * entry(matrix, r, s) * entry(inverse, s, q);
    return total;
  };
  const direction = new Float64Array(pairs);
  return {
    size: (size + pairs) * n,
    isQuadratic: false,
    value(u) {
      let total = 0;
      for (let i = 0; i < n; i++) {
        const determinant = at(u, i);
        if (!(determinant > 0)) return Number.POSITIVE_INFINITY;
        total += number[i] * log(determinant);
        for (let p = 0; p < size; p++) for (let q = 0; q < size; q++) total += entry(inverse, p, q) * entry(residual, p, q);
      }
      return constant + total / 2;
    },
    gradient(u) {
      const out = new Float64Array(u.length);
      for (let i = 0; i < n; i++) {
        at(u, i);
        for (let p = 0; p < size; p++) {
          for (let q = 0; q < size; q++) out[p * n + i] += entry(inverse, p, q) * (time[i] * u[q * n + i] - displacement[q][i]);
          for (let q = 0; q <= p; q++) {
            const e = triangle(p, q);
            out[(size + e) * n + i] = ((number[i] * inverse[e] - sandwich(residual, p, q)) * (p === q ? 1 : 2)) / 2;
          }
        }
      }
      return out;
    },
    curvature(u, v) {
      const out = new Float64Array(u.length);
      for (let i = 0; i < n; i++) {
        at(u, i);
        for (let e = 0; e < pairs; e++) direction[e] = v[(size + e) * n + i];
        for (let p = 0; p < size; p++) {
          for (let q = 0; q < size; q++) out[p * n + i] += entry(inverse, p, q) * Math.max(0, time[i]) * v[q * n + i];
          for (let q = 0; q <= p; q++) {
            out[(size + triangle(p, q)) * n + i] = (Math.max(0, number[i]) * sandwich(direction, p, q) * (p === q ? 1 : 2)) / 2;
          }
        }
      }
      return out;
    },
  };
}
