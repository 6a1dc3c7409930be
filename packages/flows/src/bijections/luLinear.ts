/**
 * y = L U x with L unit-lower and U upper triangular with a positive diagonal e^a: ln |det| = Σ a.
 *
 * Kingma & Dhariwal 2018 ("Glow", arXiv 1807.03039, eq. 10); Oliva et al. 2018 ("Transformation autoregressive networks", arXiv 1801.09819, §3.2.1).
 */
import type { Tensor, TensorBuilder } from '@ergoflow/kernels';
import type { Bijection } from '../flow.ts';
import { rowIndices, stackRows } from '../rows.ts';

/**
 * Makes the map; it starts at the identity, and volume stays positive: no reflections, and no permutation.
 *
 * One weight `entries` [d × d]: L below the diagonal, a on it, U above. The inverse solves both triangles row by row.
 */
export function luLinear(dimension: number): Bijection {
  const matrix = (g: TensorBuilder, is: (row: number, column: number) => boolean): Tensor =>
    g.constant(
      rowIndices(dimension * dimension, (k) => (is(Math.floor(k / dimension), k % dimension) ? 1 : 0)),
      dimension,
      dimension,
    );

  function triangles(g: TensorBuilder, entries: Tensor) {
    const identity = matrix(g, (row, column) => row === column);
    const logDiagonal = g.sumColumns(g.multiply(entries, identity));
    const strictlyLower = g.multiply(
      entries,
      matrix(g, (row, column) => row > column),
    );
    const strictlyUpper = g.multiply(
      entries,
      matrix(g, (row, column) => row < column),
    );
    return { identity, logDiagonal, strictlyLower, strictlyUpper };
  }
  return {
    weights: [{ name: 'entries', rows: dimension, columns: dimension }],
    start: () => ({ entries: new Float64Array(dimension * dimension) }),
    forward: (g, weights, z) => {
      const { identity, logDiagonal, strictlyLower, strictlyUpper } = triangles(g, weights('entries'));
      const upper = g.add(strictlyUpper, g.multiply(identity, g.exp(logDiagonal)));
      return { value: g.dense(g.add(strictlyLower, identity), g.dense(upper, z)), logDet: g.sumRows(logDiagonal) };
    },
    inverse: (g, weights, value) => {
      const { logDiagonal, strictlyLower, strictlyUpper } = triangles(g, weights('entries'));
      /** The sum that row `row` of a triangle makes of rows solved already, which lie from row `first` on. */
      const sumOf = (triangle: Tensor, row: number, solved: readonly Tensor[], first: number): Tensor => {
        const padded = [
          ...(first > 0 ? [g.constant(0, first)] : []),
          ...solved,
          ...(first + solved.length < dimension ? [g.constant(0, dimension - first - solved.length)] : []),
        ];
        return g.dense(g.gatherRows(triangle, [row]), stackRows(g, padded));
      };
      const middle: Tensor[] = [];
      for (let row = 0; row < dimension; row++) {
        const own = g.gatherRows(value, [row]);
        middle.push(row === 0 ? own : g.subtract(own, sumOf(strictlyLower, row, middle, 0)));
      }
      const scale = g.exp(g.negate(logDiagonal));
      let z: Tensor[] = [];
      for (let row = dimension - 1; row >= 0; row--) {
        const own = row === dimension - 1 ? middle[row] : g.subtract(middle[row], sumOf(strictlyUpper, row, z, row + 1));
        z = [g.multiply(own, g.gatherRows(scale, [row])), ...z];
      }
      return { value: stackRows(g, z), logDet: g.negate(g.sumRows(logDiagonal)) };
    },
  };
}
