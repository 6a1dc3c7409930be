/**
 * Assertions on means of independent samples of any law with three moments.
 *
 * They rest on the normal approximation of the mean with the samples' own deviation: the rates hold within a factor of e, which is checked by the
 * skewness seen. For a bounded statistic boundedMean.ts holds exactly at any number of samples.
 */
import { judge } from './judge.ts';
import type { Power, Rates } from './rates.ts';
import { ratesOf } from './rates.ts';
import { detectableErrors, requireNormalMean, type Summary, summaryOf, upperNormal } from './summary.ts';

/**
 * Asserts that samples have a given mean: |mean - expected| ≤ z(α/2)·sd/√n.
 *
 * @param samples Independent samples, at least 1000, or their summary.
 * @throws Error if the mean is off, the samples do not detect `power.detects`, or are too few and skew for the approximation.
 */
export function assertMean(samples: ArrayLike<number> | Summary, expected: number, power: Power, subject = 'the mean'): void {
  const summary = 'count' in samples ? samples : summaryOf(samples);
  requireNormalMean(subject, summary, power);
  const { count, mean, sd } = summary;
  judge(
    {
      subject,
      expected,
      estimate: mean,
      discrepancy: Math.abs(mean - expected),
      tolerance: (upperNormal(ratesOf(power).falseAlarm / 2) * sd) / Math.sqrt(count),
      detectable: detectableMean(count, sd, power),
      needed: () => samplesForMean(power.detects, sd, power),
    },
    power,
  );
}

/** The smallest difference from the expected mean that n samples of deviation `sd` detect: (z(α/2) + z(β))·sd/√n. */
export function detectableMean(count: number, sd: number, rates: Rates = {}): number {
  return (detectableErrors(rates) * sd) / Math.sqrt(count);
}

/** The number of samples of deviation `sd` that detects a difference from the expected mean; ≥ 1000. */
export function samplesForMean(detects: number, sd: number, rates: Rates = {}): number {
  return Math.max(1000, Math.ceil(((detectableErrors(rates) * sd) / detects) ** 2));
}

/**
 * Asserts that two independent sets of samples have the same mean: |mean(a) - mean(b)| ≤ z(α/2)·√(sd(a)²/n + sd(b)²/m) (Welch 1947).
 *
 * @throws Error as {@link assertMean}.
 */
export function assertEqualMeans(a: ArrayLike<number>, b: ArrayLike<number>, power: Power, subject = 'the difference of the means'): void {
  const [first, second] = [summaryOf(a), summaryOf(b)];
  requireNormalMean(subject, first, power);
  requireNormalMean(subject, second, power);
  const estimate = first.mean - second.mean;
  const error = Math.sqrt(first.sd ** 2 / first.count + second.sd ** 2 / second.count);
  judge(
    {
      subject,
      expected: 0,
      estimate,
      discrepancy: Math.abs(estimate),
      tolerance: upperNormal(ratesOf(power).falseAlarm / 2) * error,
      detectable: detectableErrors(power) * error,
      needed: () => samplesForMeanDifference(power.detects, first.sd, second.sd, power),
    },
    power,
  );
}

/** The smallest difference of two means that n samples of each detect: (z(α/2) + z(β))·√((sdA² + sdB²)/n). */
export function detectableMeanDifference(count: number, sdA: number, sdB: number, rates: Rates = {}): number {
  return detectableMean(count, Math.sqrt(sdA ** 2 + sdB ** 2), rates);
}

/** The number of samples of each that detects a difference of two means; ≥ 1000. */
export function samplesForMeanDifference(detects: number, sdA: number, sdB: number, rates: Rates = {}): number {
  return samplesForMean(detects, Math.sqrt(sdA ** 2 + sdB ** 2), rates);
}
