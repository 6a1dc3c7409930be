/**
 * Chebyshev–Lobatto nodes in one dimension: exact for polynomials of degree n - 1, exponentially good where b is smooth in x, useless across kinks.
 *
 * Barycentric weights by Berrut & Trefethen 2004, "Barycentric Lagrange interpolation", equation 5.4.
 */
import { scalarFunction } from '@ergoflow/kernels';
import { type Axis, gridOf, type Nodes, type Range } from './nodes.ts';

const cos = scalarFunction('cos');

/**
 * Makes nodes x_i = middle - cos(πi/(n - 1))·half, which increase.
 *
 * @param count n ≥ 2.
 */
export function chebyshevNodes(range: Range, count: number): Nodes {
  if (!Number.isInteger(count) || count < 2) throw new RangeError(`count must be a whole number of at least 2, got ${count}`);
  return gridOf('chebyshev', [range], [chebyshevAxis(range, count)]);
}

function chebyshevAxis({ low, high }: Range, count: number): Axis {
  const points = Float64Array.from({ length: count }, (_, i) => (low + high) / 2 - (cos((Math.PI * i) / (count - 1)) * (high - low)) / 2);
  points[0] = low;
  points[count - 1] = high;
  const barycentric = Float64Array.from({ length: count }, (_, i) => (i % 2 === 0 ? 1 : -1) * (i === 0 || i === count - 1 ? 0.5 : 1));
  return {
    points,
    width: count,
    weigh(x, indices, weights) {
      const at = Math.min(high, Math.max(low, x));
      let total = 0;
      for (let i = 0; i < count; i++) {
        indices[i] = i;
        const distance = at - points[i];
        if (distance === 0) {
          for (let j = 0; j < count; j++) indices[j] = j;
          weights.fill(0);
          weights[i] = 1;
          return;
        }
        weights[i] = barycentric[i] / distance;
        total += weights[i];
      }
      for (let i = 0; i < count; i++) weights[i] /= total;
    },
  };
}

/**
 * Gives the matrix that takes values at the nodes to coefficients of Chebyshev polynomials: l_i(x) = Σ_a L_ia T_a(u), u = (x - middle)/half.
 *
 * @param count n
 * @returns [n × n], row i of node i.
 */
export function chebyshevCoefficients(count: number): Float64Array {
  const last = count - 1;
  const matrix = new Float64Array(count * count);
  const isEnd = (k: number): boolean => k === 0 || k === last;
  for (let i = 0; i < count; i++) {
    for (let a = 0; a < count; a++) {
      // The nodes increase, so node i is at cos(π (last - i)/last).
      matrix[i * count + a] = ((2 / last) * cos((Math.PI * (((last - i) * a) % (2 * last))) / last)) / ((isEnd(i) ? 2 : 1) * (isEnd(a) ? 2 : 1));
    }
  }
  return matrix;
}
