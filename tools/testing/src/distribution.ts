/**
 * Kolmogorov–Smirnov assertions on laws, exact at any number of samples.
 *
 * For independent samples of any law P(sup |Fₙ - F| > r) ≤ 2 exp(-2 n r²) (Dvoretzky, Kiefer & Wolfowitz 1956 with the constant of Massart 1990).
 */
import { judge } from './judge.ts';
import type { Power, Rates } from './rates.ts';
import { ratesOf } from './rates.ts';

/**
 * Asserts that samples have a given continuous law.
 *
 * @param samples Independent samples.
 * @param cdf Its distribution function; continuous.
 * @param power `detects` is a distance sup |F - G| between distribution functions.
 * @throws Error if the law is off or the samples do not detect `power.detects`.
 */
export function assertDistribution(samples: ArrayLike<number>, cdf: (x: number) => number, power: Power, subject = 'the law'): void {
  const { falseAlarm } = ratesOf(power);
  const estimate = distanceTo(new Float64Array(samples).sort(), cdf);
  judge(
    {
      subject: `the distance of ${subject}`,
      expected: 0,
      estimate,
      discrepancy: estimate,
      tolerance: radius(samples.length, falseAlarm),
      detectable: detectableDistribution(samples.length, power),
      needed: () => samplesForDistribution(power.detects, power),
    },
    power,
  );
}

/** The smallest distance from the expected law that n samples detect: r(α) + r(β), r(p) = √(ln(2/p)/(2n)). */
export function detectableDistribution(count: number, rates: Rates = {}): number {
  const { falseAlarm, miss } = ratesOf(rates);
  return radius(count, falseAlarm) + radius(count, miss);
}

/** The number of samples that detects a distance from the expected law. */
export function samplesForDistribution(detects: number, rates: Rates = {}): number {
  return Math.ceil((detectableDistribution(1, rates) / detects) ** 2);
}

/**
 * Asserts that two independent sets of samples have the same law: sup |Fₙ - Gₘ| ≤ r(α/2, n) + r(α/2, m).
 *
 * Exact by the triangle inequality for any sizes; the asymptotic limit would be up to √2 tighter.
 *
 * @throws Error as {@link assertDistribution}.
 */
export function assertSameDistribution(a: ArrayLike<number>, b: ArrayLike<number>, power: Power, subject = 'the two laws'): void {
  const { falseAlarm, miss } = ratesOf(power);
  const estimate = distanceBetween(new Float64Array(a).sort(), new Float64Array(b).sort());
  const both = (rate: number): number => radius(a.length, rate / 2) + radius(b.length, rate / 2);
  judge(
    {
      subject: `the distance between ${subject}`,
      expected: 0,
      estimate,
      discrepancy: estimate,
      tolerance: both(falseAlarm),
      detectable: both(falseAlarm) + both(miss),
      needed: () => samplesForSameDistribution(power.detects, power),
    },
    power,
  );
}

/** The smallest distance between two laws that n samples of each detect. */
export function detectableDistributionDifference(count: number, rates: Rates = {}): number {
  const { falseAlarm, miss } = ratesOf(rates);
  return 2 * (radius(count, falseAlarm / 2) + radius(count, miss / 2));
}

/** The number of samples of each that detects a distance between two laws. */
export function samplesForSameDistribution(detects: number, rates: Rates = {}): number {
  return Math.ceil((detectableDistributionDifference(1, rates) / detects) ** 2);
}

/** How far n samples of a law stay from it, but for a probability of `rate`. */
export const radius = (count: number, rate: number): number => Math.sqrt(Math.log(2 / rate) / (2 * count));

/** sup |Fₙ - F| over sorted samples; NaN if any is NaN, as those sort to the end. */
function distanceTo(sorted: Float64Array, cdf: (x: number) => number): number {
  const count = sorted.length;
  if (Number.isNaN(sorted[count - 1])) return Number.NaN;
  let distance = 0;
  for (let k = 0; k < count; k++) {
    const value = cdf(sorted[k]);
    distance = Math.max(distance, value - k / count, (k + 1) / count - value);
  }
  return distance;
}

function distanceBetween(a: Float64Array, b: Float64Array): number {
  if (Number.isNaN(a[a.length - 1]) || Number.isNaN(b[b.length - 1])) return Number.NaN;
  let [i, j, distance] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    const x = Math.min(a[i], b[j]);
    while (i < a.length && a[i] === x) i++;
    while (j < b.length && b[j] === x) j++;
    distance = Math.max(distance, Math.abs(i / a.length - j / b.length));
  }
  return distance;
}
