/** A likelihood as a function of the averaged coefficients at nodes, as the convex problem needs it. */
import type { QuadraticStatistics } from '../data/quadratic.ts';
import { gramTimes, inner, stackedMoment, stackedSize } from '../data/quadraticForm.ts';

/** A function of stacked averaged coefficients u, in nats. */
export interface AveragedObjective {
  /** Length of u. */
  readonly size: number;
  /** True if the value is a quadratic function with {@link curvature}: then a minimum over laws is global. */
  readonly isQuadratic: boolean;
  value(u: Float64Array): number;
  gradient(u: Float64Array): Float64Array;
  /** A symmetric, nowhere negative matrix at u, times v: of the second derivatives, or of their expectation. */
  curvature(u: Float64Array, v: Float64Array): Float64Array;
}

/** NLL of a stacked drift where σ is known and does not see the fast variables. */
export function quadraticObjective(statistics: QuadraticStatistics): AveragedObjective {
  const moment = stackedMoment(statistics);
  return {
    size: stackedSize(statistics),
    isQuadratic: true,
    value: (u) => statistics.zeroDrift + inner(gramTimes(statistics, u), u) / 2 - inner(moment, u),
    gradient: (u) => gramTimes(statistics, u).map((value, k) => value - moment[k]),
    curvature: (_, v) => gramTimes(statistics, v),
  };
}
