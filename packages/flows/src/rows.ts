/** Ways to arrange the rows of tensors that the graph's primitives leave to their users. */
import type { Tensor, TensorBuilder } from '@ergoflow/kernels';

/** Whole numbers from 0 to below `count`, mapped. */
export const rowIndices = (count: number, index: (row: number) => number = (row) => row): number[] =>
  Array.from({ length: count }, (_, k) => index(k));

/** Puts tensors one below the other; those of one column are repeated for all columns. */
export function stackRows(g: TensorBuilder, parts: readonly Tensor[]): Tensor {
  const columns = Math.max(...parts.map((part) => part.columns));
  return g.concatenateRows(parts.map((part) => g.broadcast(part, { lanes: part.lanes, rows: part.rows, columns })));
}

/** Repeats each row `times` times: rows 0 0 0 1 1 1 … */
export const repeatRows = (g: TensorBuilder, a: Tensor, times: number): Tensor =>
  g.gatherRows(
    a,
    rowIndices(a.rows * times, (row) => Math.floor(row / times)),
  );

/** The largest row, in ⌈log₂ rows⌉ steps. */
export function largestRow(g: TensorBuilder, a: Tensor): Tensor {
  if (a.rows === 1) return a;
  const half = Math.ceil(a.rows / 2);
  const [upper, lower] = [rowIndices(half), rowIndices(half, (row) => a.rows - half + row)];
  return largestRow(g, g.maximum(g.gatherRows(a, upper), g.gatherRows(a, lower)));
}
