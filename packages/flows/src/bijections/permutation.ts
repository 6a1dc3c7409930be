/** A fixed permutation of the rows; volume is kept. */
import { openStream } from '@ergoflow/kernels';
import type { Bijection } from '../flow.ts';
import { rowIndices } from '../rows.ts';

/**
 * Makes the map: row k of the value is row order[k] of the base's.
 *
 * @throws RangeError if `order` is not a permutation of 0, 1, ….
 */
export function permutation(order: readonly number[]): Bijection {
  const back = rowIndices(order.length, (row) => order.indexOf(row));
  if (back.includes(-1)) throw new RangeError(`order must hold each of 0 to ${order.length - 1} once, got ${order.join(', ')}`);
  return {
    weights: [],
    start: () => ({}),
    forward: (g, _, z) => ({ value: g.gatherRows(z, order), logDet: g.constant(0) }),
    inverse: (g, _, value) => ({ value: g.gatherRows(value, back), logDet: g.constant(0) }),
  };
}

/** The reverse order of d rows. */
export const reversed = (dimension: number): number[] => rowIndices(dimension, (row) => dimension - 1 - row);

/** A random order of d rows, the same for the same number. */
export function shuffled(dimension: number, seed: number): number[] {
  const { words } = openStream(['flows: permutation', seed], 0, dimension);
  return rowIndices(dimension).sort((a, b) => words[a] - words[b] || a - b);
}
