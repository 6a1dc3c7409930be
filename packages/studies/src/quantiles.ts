/** Quantiles of the standard normal law. */
import quantile from '@stdlib/stats-base-dists-normal-quantile';

/** Gives z with P(Z ≤ z) = p, for p in (0, 1). */
export function normalQuantile(p: number): number {
  return quantile(p, 0, 1);
}
