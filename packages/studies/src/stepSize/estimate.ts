/**
 * From moments to errors with intervals.
 *
 * With m the error against the reference at step h/R and d that of the reference at step 2h/R against it, the reference's own error is about
 * r = d/(2^p - 1), p the order of its scheme (Richardson 1911). By the triangle inequality |error - m| ≤ r: r, with its own Monte Carlo error, is the
 * systematic part. Nothing is taken off the estimate.
 */
import { scalarFunction } from '@ergoflow/kernels';
import { type MomentsLayout, type MomentsRecord, mean, variance } from '@ergoflow/runner';
import type { OrderedMetric } from '../averagingError/results.ts';
import { normalQuantile } from '../quantiles.ts';

const exp = scalarFunction('exp');

/**
 * How much faster the second term of an error falls than the first. Weak errors go by whole powers of h (Talay & Tubaro 1990). So do mean squares of strong
 * ones, as products of iterated integrals have means of whole powers only; their roots then go by h^p (1 + c h + …).
 */
const NEXT_ORDER = 1;

/** Which error to estimate. */
export interface Quantity {
  /** Name of the observable: squared, f0, f1, …. */
  readonly observable: string;
  /** True for the root of the observable's mean. */
  readonly root: boolean;
  /** Order that the scheme has in theory, for the kind of noise of the model. */
  readonly expectedOrder: number;
  /** Order of the reference's scheme for this error. */
  readonly referenceOrder: number;
}

/**
 * Estimates one error, or null where fewer than two replicates survived.
 *
 * @param level Of the interval, in (0, 1).
 */
export function estimateStepError(
  moments: MomentsRecord,
  layout: MomentsLayout,
  { observable, root, expectedOrder, referenceOrder }: Quantity,
  level: number,
): OrderedMetric | null {
  if (moments.count < 2) return null;
  const quantile = normalQuantile((1 + level) / 2);
  const read = (comparison: string): { readonly value: number; readonly error: number } => {
    const name = `${comparison} ${observable}`;
    const m = mean(moments, layout, name);
    const slope = root ? (m > 0 ? 0.5 / Math.sqrt(m) : 0) : 1;
    return { value: root ? Math.sqrt(m) : m, error: slope * Math.sqrt(variance(moments, layout, name) / moments.count) };
  };
  const [{ value: estimate, error: standardError }, own] = [read('scheme'), read('reference')];
  const reference = (Math.abs(own.value) + quantile * own.error) / (exp(Math.LN2 * referenceOrder) - 1);
  const half = quantile * standardError + reference;
  // A root mean square is positive and skewed: its interval is symmetric on the logarithmic scale.
  const logarithmic = root && estimate > 0;
  return {
    estimate,
    low: logarithmic ? estimate * exp(-half / estimate) : estimate - half,
    high: logarithmic ? estimate * exp(half / estimate) : estimate + half,
    level,
    standardError,
    systematic: reference,
    atStep: estimate,
    budget: { monteCarlo: quantile * standardError, step: 0, reference },
    orders: { expected: expectedOrder, next: NEXT_ORDER },
  };
}

/** Layout of the moments: values and squares of all observables. */
export function stepLayout(observables: readonly string[]): MomentsLayout {
  return { names: observables, pairs: observables.map((_, k) => [k, k]) };
}
