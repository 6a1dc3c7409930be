/** Quantiles of the standard normal law and of Student's t. */
import normal from '@stdlib/stats-base-dists-normal-quantile';
import student from '@stdlib/stats-base-dists-t-quantile';

/** Gives z with P(Z ≤ z) = p, for p in (0, 1). */
export function normalQuantile(p: number): number {
  return normal(p, 0, 1);
}

/** Gives t with P(T ≤ t) = p, for p in (0, 1) and ν > 0 degrees of freedom; beyond 1e6 of them the normal quantile, which differs by less than 1e-5. */
export function studentQuantile(p: number, degreesOfFreedom: number): number {
  return degreesOfFreedom > 1e6 ? normalQuantile(p) : student(p, degreesOfFreedom);
}
