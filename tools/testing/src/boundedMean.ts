/**
 * Assertion on the mean of bounded independent samples, exact at any number of samples.
 *
 * Empirical Bernstein bound (Maurer & Pontil 2009, "Empirical Bernstein bounds and sample-variance penalization", theorems 4 and 10): with probability
 * at least 1 - δ, |mean - E| ≤ √(2 s² ln(4/δ)/n) + 7 (high - low) ln(4/δ)/(3(n - 1)).
 */
import { judge, leastCount } from './judge.ts';
import type { Power, Rates } from './rates.ts';
import { ratesOf } from './rates.ts';
import { summaryOf } from './summary.ts';

/** Where all samples lie. */
export interface Bounds {
  readonly low: number;
  readonly high: number;
}

/**
 * Asserts that samples within bounds have a given mean.
 *
 * @param samples Independent samples, at least 2.
 * @param bounds Known beforehand, not taken from the samples.
 * @throws Error if the mean is off or the samples do not detect `power.detects`; RangeError for a sample out of bounds.
 */
export function assertBoundedMean(samples: ArrayLike<number>, expected: number, bounds: Bounds, power: Power, subject = 'the mean'): void {
  const range = bounds.high - bounds.low;
  for (let k = 0; k < samples.length; k++) {
    if (!(samples[k] >= bounds.low && samples[k] <= bounds.high)) {
      throw new RangeError(`samples must be from ${bounds.low} to ${bounds.high}, got ${samples[k]}`);
    }
  }
  const { count, mean, sd } = summaryOf(samples);
  judge(
    {
      subject,
      expected,
      estimate: mean,
      discrepancy: Math.abs(mean - expected),
      tolerance: radius(count, range, sd, ratesOf(power).falseAlarm),
      detectable: detectableBoundedMean(count, range, sd, power),
      needed: () => samplesForBoundedMean(power.detects, range, sd, power),
    },
    power,
  );
}

/**
 * The smallest difference from the expected mean that n samples of deviation `sd` in a range of this length detect.
 *
 * The miss rate is halved between the samples' deviation being larger than √n lets it (theorem 10) and their mean being nearer (Bernstein).
 *
 * @param sd Default half the range, the largest possible.
 */
export function detectableBoundedMean(count: number, range: number, sd: number = range / 2, rates: Rates = {}): number {
  const { falseAlarm, miss } = ratesOf(rates);
  if (count < 2) return Number.POSITIVE_INFINITY;
  const logMiss = Math.log(2 / miss);
  const sdSeen = sd + range * Math.sqrt((2 * logMiss) / (count - 1));
  return radius(count, range, sdSeen, falseAlarm) + Math.sqrt((2 * sd ** 2 * logMiss) / count) + (range * logMiss) / (3 * count);
}

/** The number of samples that detects a difference from the expected mean. */
export function samplesForBoundedMean(detects: number, range: number, sd: number = range / 2, rates: Rates = {}): number {
  return leastCount((count) => detectableBoundedMean(count, range, sd, rates), detects);
}

function radius(count: number, range: number, sd: number, rate: number): number {
  const logRate = Math.log(4 / rate);
  return Math.sqrt((2 * sd ** 2 * logRate) / count) + (7 * range * logRate) / (3 * (count - 1));
}
