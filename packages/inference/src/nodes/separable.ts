/** The numerical rank of b(x, y) = Σ_k f_k(x) g_k(y): how many functions of x the averaged drift can be made of, whatever the law of y. */
import { Matrix, SingularValueDecomposition } from 'ml-matrix';

/** A drift that separates. */
export interface Separation {
  /** Number of terms. */
  readonly rank: number;
  /** [rank] of [rows]: orthonormal f_k at the nodes, the most important first. */
  readonly functions: readonly Float64Array[];
  /** Singular values of the table relative to the largest, in order. */
  readonly spectrum: readonly number[];
}

/** Singular values below this part of the largest count as nothing. */
export const RANK_TOLERANCE = 1e-6;

/**
 * Finds the terms by a singular value decomposition of b at nodes × probes.
 *
 * @param table [rows × probes], row by row: components and nodes by probing fast states.
 * @param tolerance Relative to the largest singular value; default {@link RANK_TOLERANCE}.
 */
export function separate(table: Float64Array, rows: number, tolerance: number = RANK_TOLERANCE): Separation {
  const probes = table.length / rows;
  const matrix = Matrix.from1DArray(rows, probes, table);
  const { diagonal, leftSingularVectors: left } = new SingularValueDecomposition(matrix, { autoTranspose: true });
  const spectrum = diagonal.map((value) => (diagonal[0] > 0 ? value / diagonal[0] : 0));
  const rank = spectrum.filter((value) => value > tolerance).length;
  return { rank, functions: Array.from({ length: rank }, (_, k) => Float64Array.from(left.getColumn(k))), spectrum };
}
