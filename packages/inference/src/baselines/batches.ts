/**
 * Standard errors of sums of dependent terms, by batches: paths are cut into pieces much longer than the memory of the terms, and the pieces' sums are as good as independent.
 *
 * Increments of multiscale data are correlated over the fast time and overlap when all offsets are used; sums over batches know both (Glynn & Whitt 1991).
 */

const square = (x: number): number => x * x;

/** Batches wanted over all paths; each is an even share of a path. */
export const BATCHES = 64;

/** Batches are at least this many memories long, if that leaves {@link FEWEST} of a path. */
const MEMORIES = 10;
const FEWEST = 4;

/** One piece [from, to) of a path's increments. */
export interface Batch {
  readonly path: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Cuts paths of given lengths into about {@link BATCHES} pieces, fewer where they would be shorter than ten memories, none across paths.
 *
 * @param memory How many terms remember each other: the overlap of increments, or the filter's width; default 1.
 */
export function batchesOf(lengths: readonly number[], memory = 1): Batch[] {
  const total = lengths.reduce((a, b) => a + b, 0);
  return lengths.flatMap((length, path) => {
    const wanted = Math.max(
      lengths.length < FEWEST ? FEWEST : 1,
      Math.min(Math.round((BATCHES * length) / total), Math.floor(length / (MEMORIES * memory))),
    );
    const pieces = Math.min(wanted, length);
    return Array.from({ length: pieces }, (_, k) => ({ path, from: Math.floor((k * length) / pieces), to: Math.floor(((k + 1) * length) / pieces) }));
  });
}

/** The mean of batches' sums over the sum of their durations, with its standard error: a ratio estimator (Cochran 1977, 6.4). */
export function ratioOf(sums: readonly number[], durations: readonly number[]): { readonly value: number; readonly error: number } {
  const [sum, duration] = [sums, durations].map((list) => list.reduce((a, b) => a + b, 0));
  const value = sum / duration;
  const spread = sums.reduce((total, each, k) => total + square(each - value * durations[k]), 0);
  return { value, error: Math.sqrt((spread * sums.length) / (sums.length - 1)) / duration };
}
