/**
 * Assertion on the correlation of pairs of any law with moments enough.
 *
 * With u, v the standardized samples and r their correlation, √n (r - ρ) is asymptotically normal with the variance of uv - r (u² + v²)/2 (the delta
 * method; van der Vaart 1998, "Asymptotic statistics", example 3.6).
 */
import { assertMean, detectableMean, samplesForMean } from './mean.ts';
import type { Power, Rates } from './rates.ts';
import { summaryOf } from './summary.ts';

/**
 * Asserts that independent pairs have a given correlation.
 *
 * @param x,y Equally many samples, at least 1000; the pairs are independent of each other.
 * @throws Error if the correlation is off, the pairs do not detect `power.detects`, or are too few and skew for the approximation.
 */
export function assertCorrelation(x: ArrayLike<number>, y: ArrayLike<number>, expected: number, power: Power, subject = 'the correlation'): void {
  if (x.length !== y.length) throw new TypeError(`x and y must be equally many, got ${x.length} and ${y.length}`);
  const [first, second] = [summaryOf(x), summaryOf(y)];
  const count = first.count;
  let r = 0;
  for (let k = 0; k < count; k++) r += (x[k] - first.mean) * (y[k] - second.mean);
  r /= first.sd * second.sd * (count - 1);
  // Their mean is r, their spread that of √n r.
  const terms = new Float64Array(count);
  for (let k = 0; k < count; k++) {
    const u = (x[k] - first.mean) / first.sd;
    const v = (y[k] - second.mean) / second.sd;
    terms[k] = u * v - (r * (u * u + v * v)) / 2 + r;
  }
  assertMean(terms, expected, power, subject);
}

/** The smallest difference from the expected correlation that n pairs of a normal law detect: (z(α/2) + z(β))·(1 - ρ²)/√n. */
export function detectableCorrelation(count: number, expected = 0, rates: Rates = {}): number {
  return detectableMean(count, 1 - expected ** 2, rates);
}

/** The number of pairs of a normal law that detects a difference from the expected correlation; ≥ 1000. */
export function samplesForCorrelation(detects: number, expected = 0, rates: Rates = {}): number {
  return samplesForMean(detects, 1 - expected ** 2, rates);
}
