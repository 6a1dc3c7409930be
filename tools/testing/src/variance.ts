/** Assertion on the variance of independent samples of any law with six moments, by the normal approximation of the mean squared deviation. */
import { assertMean, detectableMean, samplesForMean } from './mean.ts';
import type { Power, Rates } from './rates.ts';
import { summaryOf } from './summary.ts';

/**
 * Asserts that samples have a given variance: |s² - expected| ≤ z(α/2)·sd((x - x̄)²)/√n.
 *
 * @param samples Independent samples, at least 1000.
 * @throws Error if the variance is off, the samples do not detect `power.detects`, or are too few and skew for the approximation.
 */
export function assertVariance(samples: ArrayLike<number>, expected: number, power: Power, subject = 'the variance'): void {
  const { count, mean } = summaryOf(samples);
  const unbiased = count / (count - 1);
  const squares = new Float64Array(count);
  for (let k = 0; k < count; k++) squares[k] = unbiased * (samples[k] - mean) ** 2;
  assertMean(squares, expected, power, subject);
}

/** The smallest difference from the expected variance that n samples detect: (z(α/2) + z(β))·variance·√((kurtosis - 1)/n); kurtosis 3 is the normal law's. */
export function detectableVariance(count: number, variance: number, kurtosis = 3, rates: Rates = {}): number {
  return detectableMean(count, variance * Math.sqrt(kurtosis - 1), rates);
}

/** The number of samples that detects a difference from the expected variance; ≥ 1000. */
export function samplesForVariance(detects: number, variance: number, kurtosis = 3, rates: Rates = {}): number {
  return samplesForMean(detects, variance * Math.sqrt(kurtosis - 1), rates);
}
