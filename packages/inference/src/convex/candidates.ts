/** Where atoms are looked for: points of the fast state space drawn widely, the same for the same seed. */
import { standardNormals } from './standardNormals.ts';

/** Widths of the draws, in units of `scale`; every candidate has its own. Powers of two, so that the law of one pool covers six octaves. */
const WIDTHS = [0.25, 0.5, 1, 2, 4, 8] as const;

/** Points of the fast state space. */
export type Points = readonly Float64Array[];

/** What to draw. */
export interface CandidateOptions {
  /** Components of the fast state. */
  readonly dimension: number;
  /** Number of points. */
  readonly count: number;
  /** What the random numbers are for. */
  readonly seed: readonly (string | number)[];
  /** [dimension]: size of each component; default 1. */
  readonly scale?: readonly number[] | undefined;
}

/**
 * Draws candidates: the origin, then normal points of widths from 1/4 to 8. Half of them have one random number for each component, the other half one for all, as
 * extreme means of exchangeable components lie where these are equal.
 *
 * @returns [dimension] of [count].
 */
export function candidatePoints({ dimension, count, seed, scale }: CandidateOptions): Points {
  if (dimension === 0) return [];
  const z = standardNormals(dimension, count, [...seed, 'candidates']);
  return Array.from({ length: dimension }, (_, k) =>
    Float64Array.from({ length: count }, (_, m) => {
      if (m === 0) return 0;
      const own = z[m % 2 === 0 ? 0 : k][m];
      return own * WIDTHS[Math.floor(m / 2) % WIDTHS.length] * (scale?.[k] ?? 1);
    }),
  );
}
