/**
 * Predicts how many replicates make one interval tight.
 *
 * Of the half-width h of an interval around the estimate m, a part s is systematic: replicates do not reduce it; the rest falls like n^-1/2. It is tight at
 * h ≤ δ|m|, for the target δ, so n replicates tell that N = n·((h - s)/(δ|m| - s))² are needed.
 *
 * Stopping at the first n whose interval is tight leaves its level right in the limit of small targets (Chow & Robbins 1965; for any estimate that obeys a
 * functional limit theorem Glynn & Whitt 1992). At finite ones it is somewhat too small: a run stops early where its own variance came out too small.
 */

/** An estimate with its interval, at the level asked for. */
export interface Interval {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
  /** Part of the half-width that replicates do not reduce. */
  readonly systematic: number;
}

/** What an interval tells of the replicates that it needs. */
export type Need =
  | { readonly kind: 'tight' }
  /** About so many in all. */
  | { readonly kind: 'more'; readonly replicates: number }
  /** No number up to the most makes it tight. */
  | { readonly kind: 'unreachable'; readonly why: string };

/**
 * Reads off an interval what it needs.
 *
 * It is out of reach only where that is plain: where even at its end farthest from 0, and with a variance that came out too large by two of its deviations,
 * more than `most` would be needed. So an estimate that is still noise is not given up.
 *
 * @param count Replicates behind it, ≥ 2.
 * @param target Half-width divided by the estimate, > 0.
 */
export function neededReplicates({ estimate, low, high, systematic }: Interval, count: number, target: number, most: number): Need {
  const half = (high - low) / 2;
  const size = Math.abs(estimate);
  if (half <= target * size) return { kind: 'tight' };
  const needed = (at: number): number => {
    const allowed = target * at - systematic;
    return allowed > 0 ? count * ((half - systematic) / allowed) ** 2 : Number.POSITIVE_INFINITY;
  };
  const largest = size + half;
  const least = needed(largest) * (1 - uncertainty(count));
  if (least > most) {
    const why =
      least === Number.POSITIVE_INFINITY
        ? `its systematic error ${systematic.toPrecision(3)} alone is more than it may be off`
        : `an estimate of at most ${largest.toPrecision(3)} in size needs about ${needed(largest).toPrecision(2)} replicates`;
    return { kind: 'unreachable', why };
  }
  return { kind: 'more', replicates: needed(size) };
}

/** Two relative deviations of the variance of `count` normal numbers, at most ½: those of other laws are larger, so predictions are approached in steps. */
export const uncertainty = (count: number): number => Math.min(0.5, 2 * Math.sqrt(2 / count));
