/**
 * The few kinds of loops that every training program is run by. What differs from program to program and from size to size are their arguments, so
 * programs of one form share compiled code.
 *
 * All work on one array of numbers. A *vector axis* of contiguous elements is innermost: the lanes, or a row of a shared matrix. It is worked through a
 * register at a time; the last register may reach beyond its end, so results are stored in ascending order, and every array has some room behind it.
 */
import type { Node } from '../../graph.ts';

/** How an input of a loop moves along the axes. */
export interface Slot {
  /** Contiguous along the vector axis; else one number for the whole axis. */
  readonly vector: boolean;
  readonly row: 'fixed' | 'stride' | 'table';
  readonly column: boolean;
  /** Differs from segment to segment of the vector axis. */
  readonly segment: boolean;
}

/**
 * Elementwise arithmetic, fused, and sums of its results. Arguments: groups, rows (of a group), columns, segments, their size; then for each input, each
 * store and each sum: offset, row stride (of a table: where in the arguments the rows' offsets begin), column stride, segment stride.
 */
export interface LoopKernel {
  readonly kind: 'loop';
  /** What sums run over; the innermost axis. */
  readonly over: 'vector' | 'rows' | 'columns';
  readonly inputs: readonly Slot[];
  /** In order, inputs first; a state named by its number is an input. */
  readonly nodes: readonly Node[];
  /** Nodes that are stored at every element. */
  readonly stores: readonly Node[];
  /** Nodes that are summed: over each segment of the vector axis, over the rows of each group, or over columns. */
  readonly sums: readonly Node[];
}

/** Numbers before the slots' in the arguments of a loop, and numbers of each slot. */
export const LOOP_HEAD = 5;
export const SLOT_SIZE = 4;

/**
 * Matrix products; the names of their arguments, in order.
 *
 * `dense`: y[i, j] = Σₖ w[i, k] x[k, j] with j along the vector axis. `outer`: y[i, k] = Σⱼ a[i, j] b[k, j]. Both for each of some columns, which `outer`
 * sums over. `scatter`: y = 0, then y[table[i]] += x[i].
 */
export const MATRIX_ARGUMENTS = {
  dense: ['rows', 'inner', 'columns', 'size', 'w', 'wRow', 'wInner', 'x', 'xRow', 'xColumn', 'y', 'yRow', 'yColumn'],
  outer: ['rows', 'inner', 'columns', 'size', 'a', 'aRow', 'aColumn', 'b', 'bRow', 'bColumn', 'y', 'yRow'],
  scatter: ['rows', 'results', 'columns', 'size', 'x', 'xRow', 'xColumn', 'y', 'yRow', 'yColumn', 'table'],
} as const;

export type MatrixKind = keyof typeof MATRIX_ARGUMENTS;

export interface MatrixKernel {
  readonly kind: MatrixKind;
}

export type Kernel = LoopKernel | MatrixKernel;

/** A kernel at work: its place in the list of kernels, and what it works on. Offsets and strides are in numbers. */
export interface KernelCall {
  readonly kernel: number;
  readonly parameters: readonly number[];
}

/** Tells kernels apart: equal ones have equal text. */
export function textOf(kernel: Kernel): string {
  if (kernel.kind !== 'loop') return kernel.kind;
  const numbers = new Map(kernel.nodes.map((node, k) => [node, k]));
  const nodes = kernel.nodes.map(({ op, inputs, numbers: values, name }) => [
    op,
    inputs.map((input) => numbers.get(input)),
    values.map((value) => (Object.is(value, -0) ? '-0' : `${value}`)),
    name,
  ]);
  const list = (which: readonly Node[]): unknown => which.map((node) => numbers.get(node));
  return JSON.stringify([kernel.over, kernel.inputs, nodes, list(kernel.stores), list(kernel.sums)]);
}
