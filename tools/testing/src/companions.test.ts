import { describe, expect, test } from 'vitest';
import { detectableBoundedMean, samplesForBoundedMean } from './boundedMean.ts';
import { detectableCells, samplesForCells } from './cells.ts';
import { assertCorrelation, detectableCorrelation, samplesForCorrelation } from './correlation.ts';
import { assertCoverage } from './coverage.ts';
import {
  assertDistribution,
  assertSameDistribution,
  detectableDistribution,
  detectableDistributionDifference,
  samplesForDistribution,
  samplesForSameDistribution,
} from './distribution.ts';
import { assertMean, detectableMean, detectableMeanDifference, samplesForMean, samplesForMeanDifference } from './mean.ts';
import { assertProportion, detectableProportion, type Side, samplesForProportion } from './proportion.ts';
import { uniforms } from './uniforms.ts';
import { detectableVariance, samplesForVariance } from './variance.ts';

const companions: readonly {
  readonly name: string;
  readonly detectable: (count: number) => number;
  readonly samplesFor: (detects: number) => number;
}[] = [
  { name: 'Mean', detectable: (n) => detectableMean(n, 3), samplesFor: (d) => samplesForMean(d, 3) },
  { name: 'MeanDifference', detectable: (n) => detectableMeanDifference(n, 3, 4), samplesFor: (d) => samplesForMeanDifference(d, 3, 4) },
  { name: 'Variance', detectable: (n) => detectableVariance(n, 2), samplesFor: (d) => samplesForVariance(d, 2) },
  { name: 'BoundedMean', detectable: (n) => detectableBoundedMean(n, 2, 0.1), samplesFor: (d) => samplesForBoundedMean(d, 2, 0.1) },
  { name: 'Distribution', detectable: (n) => detectableDistribution(n), samplesFor: (d) => samplesForDistribution(d) },
  { name: 'SameDistribution', detectable: (n) => detectableDistributionDifference(n), samplesFor: (d) => samplesForSameDistribution(d) },
  { name: 'Proportion', detectable: (n) => detectableProportion(n, 0.3), samplesFor: (d) => samplesForProportion(d, 0.3) },
  { name: 'rare Proportion', detectable: (n) => detectableProportion(n, 1e-4), samplesFor: (d) => samplesForProportion(d, 1e-4) },
  { name: 'Cells', detectable: (n) => detectableCells(n, 50), samplesFor: (d) => samplesForCells(d, 50) },
  { name: 'Correlation', detectable: (n) => detectableCorrelation(n, 0.5), samplesFor: (d) => samplesForCorrelation(d, 0.5) },
];

for (const { name, detectable, samplesFor } of companions) {
  test(`samplesFor${name} is the least number that detects`, () => {
    for (const detects of [0.07, 0.013, 0.002]) {
      const count = samplesFor(detects);
      expect(detectable(count)).toBeLessThanOrEqual(detects);
      expect(detectable(count - 1)).toBeGreaterThan(detects);
    }
  });
}

describe('proportions keep their rates at 1e-6 by the exact binomial law', () => {
  const trials = 200;
  const logFactorial = Array.from({ length: trials + 1 }, () => 0);
  for (let k = 2; k <= trials; k++) logFactorial[k] = logFactorial[k - 1] + Math.log(k);
  const probability = (k: number, p: number): number =>
    Math.exp(logFactorial[trials] - logFactorial[k] - logFactorial[trials - k] + k * Math.log(p) + (trials - k) * Math.log1p(-p));
  /** Probability that the assertion passes where the event has probability p. */
  const passes = (p: number, expected: number, side: Side): number => {
    let total = 0;
    for (let k = 0; k <= trials; k++) {
      try {
        assertProportion(k, trials, expected, { detects: 1 }, side);
        total += probability(k, p);
      } catch {
        // A failure counts as one.
      }
    }
    return total;
  };
  const examples = [0.02, 0.3, 0.5, 0.9].flatMap((expected) => (['equal', 'atLeast', 'atMost'] as const).map((side) => ({ expected, side })));
  for (const { expected, side } of examples) {
    test(`${side} ${expected}`, () => {
      expect(1 - passes(expected, expected, side)).toBeLessThanOrEqual(1e-6);
      const detectable = detectableProportion(trials, expected, side);
      for (const p of [expected - detectable, expected + detectable]) {
        if (p <= 0 || p >= 1 || (side === 'atLeast' && p > expected) || (side === 'atMost' && p < expected)) continue;
        expect(passes(p, expected, side)).toBeLessThanOrEqual(1e-6);
      }
    });
  }
});

test('an event of probability 0 must not happen, one of probability 1 must', () => {
  const power = { detects: 0.1 };
  assertProportion(0, 1000, 0, power);
  assertProportion(1000, 1000, 1, power);
  expect(() => assertProportion(1, 1000, 0, power)).toThrow('the proportion must be 0 within 0 (false-alarm rate 0.000001), got 0.001');
  expect(() => assertProportion(999, 1000, 1, power)).toThrow();
});

test('n successes of n are refuted where 2^-n is below the rate, or half of it for both sides', () => {
  // 20 ln 2 = 13.86 is above ln 10^6 = 13.82, below ln(2·10^6) = 14.51; 21 ln 2 = 14.56 is above both.
  const power = { detects: 0.9 };
  assertProportion(19, 19, 0.5, power, 'atMost');
  expect(() => assertProportion(20, 20, 0.5, power, 'atMost')).toThrow('the proportion must be 0.5');
  assertProportion(20, 20, 0.5, power);
  expect(() => assertProportion(21, 21, 0.5, power)).toThrow('the proportion must be 0.5');
  assertProportion(21, 21, 0.5, power, 'atLeast');
});

test('samples of a discrete law are compared by their values, however often each occurs', () => {
  const dice = (name: string): Float64Array => uniforms(name, 10_000).map((u) => Math.ceil(6 * u));
  assertSameDistribution(dice('one'), dice('another'), { detects: 0.12 });
  const loaded = dice('loaded').map((face, k) => (k % 3 === 0 ? 6 : face));
  expect(() => assertSameDistribution(dice('one'), loaded, { detects: 0.12 })).toThrow('the distance between the two laws');
});

test('the detectable distance of means has the quantiles of the tables', () => {
  // z(5e-7) = 4.891638, z(1e-6) = 4.753424 (Abramowitz & Stegun, table 26.5 and its continuation).
  expect(detectableMean(1, 1)).toBeCloseTo(4.891638 + 4.753424, 5);
});

test('samples too few for what must be detected are refused, and as many as the message says are enough', () => {
  const few = uniforms('few', 1000);
  expect(() => assertDistribution(few, (x) => x, { detects: 0.01 })).toThrow(
    /must detect 0.01, but its samples detect 0.170\d* at miss rate 0.000001: take 290174 samples/,
  );
  // (2·√(ln(2·10⁶)/2)/0.01)² = 290173.15
  expect(samplesForDistribution(0.01)).toBe(290174);
  assertDistribution(uniforms('enough', 290174), (x) => x, { detects: 0.01 });
});

test('samples too skew for the normal approximation are refused with the number that is needed', () => {
  const rare = uniforms('rare', 10_000).map((x) => (x < 0.002 ? 1 : 0));
  expect(() => assertMean(rare, 0.002, { detects: 0.01 })).toThrow(/needs \d+ samples for the normal approximation, got 10000/);
  expect(() => assertMean(uniforms('few', 999), 0.5, { detects: 1 })).toThrow('needs 1000 samples for the normal approximation, got 999');
});

test('intervals with NaN hold nothing', () => {
  const intervals = [...Array(500)].map(() => ({ low: Number.NaN, high: 1 }));
  expect(() => assertCoverage(intervals, 0, 0.9, { detects: 0.5 }, 'atLeast')).toThrow('the coverage must be 0.9');
});

test('a law with an atom is told from a continuous one with the same mean', () => {
  const samples = uniforms('atom', 10_000).map((x) => (x > 0.4 && x < 0.6 ? 0.5 : x));
  expect(() => assertDistribution(samples, (x) => x, { detects: 0.06 })).toThrow('the distance of the law must be 0');
});

test('sets of different sizes cannot be correlated', () => {
  expect(() => assertCorrelation([1, 2], [1], 0, { detects: 1 })).toThrow('x and y must be equally many, got 2 and 1');
});

test('rates outside (0, 1) and a discrepancy of 0 are refused', () => {
  expect(() => detectableMean(10, 1, { falseAlarm: 0 })).toThrow('falseAlarm must be between 0 and 1, got 0');
  expect(() => assertProportion(5, 10, 0.5, { detects: 0 })).toThrow('detects must be > 0, got 0');
});
