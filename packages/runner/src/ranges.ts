/** Ranges of replicates: what is done, what is missing, and how that is cut into blocks. */

/** Replicates [from, to). */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/**
 * Lists the blocks that still have to be computed: the gaps in [0, count), cut at the multiples of the block size.
 *
 * @param done In any order, not overlapping.
 */
export function missingBlocks(done: readonly Range[], count: number, blockSize: number): Range[] {
  const blocks: Range[] = [];
  let at = 0;
  for (const range of [...[...done].sort((a, b) => a.from - b.from), { from: count, to: count }]) {
    const end = Math.min(range.from, count);
    while (at < end) {
      const next = Math.min(end, (Math.floor(at / blockSize) + 1) * blockSize);
      blocks.push({ from: at, to: next });
      at = next;
    }
    at = Math.max(at, range.to);
  }
  return blocks;
}

/**
 * Chooses among done ranges those that together are part of [0, count) without overlap; a range that reaches beyond it cannot be used.
 */
export function usable<T extends Range>(done: readonly T[], count: number): T[] {
  const chosen: T[] = [];
  let at = 0;
  for (const range of [...done].sort((a, b) => a.from - b.from || b.to - a.to)) {
    if (range.from < at || range.to > count) continue;
    chosen.push(range);
    at = range.to;
  }
  return chosen;
}
