import { expect, test } from 'vitest';
import { assertBoundedMean, detectableBoundedMean } from './boundedMean.ts';
import { assertCellDistribution, assertCells, detectableCells } from './cells.ts';
import { assertCorrelation } from './correlation.ts';
import { assertCoverage } from './coverage.ts';
import { assertDistribution, assertSameDistribution, detectableDistribution, detectableDistributionDifference } from './distribution.ts';
import { assertEqualMeans, assertMean } from './mean.ts';
import { assertProportion, detectableProportion } from './proportion.ts';
import { uniforms } from './uniforms.ts';
import { assertVariance } from './variance.ts';

/** Rates large enough to be counted. */
const rates = { falseAlarm: 0.05, miss: 0.05 };
const COUNT = 1000;
const REPEATS = 2000;

/** The standard exponential law's samples, a skew one. */
const exponential = (u: Float64Array): Float64Array => u.map((x) => -Math.log(x));

interface Case {
  readonly name: string;
  /** True if its rates hold at any number of samples, so that they may only be smaller than stated; else they are asymptotic, and must be those stated. */
  readonly exact: boolean;
  /** The smallest discrepancy that is detected. */
  readonly detectable: number;
  /** Runs the assertion on samples whose law is off by `shift`. */
  readonly run: (u: Float64Array, shift: number, detects: number) => void;
}

const errors = 1.959963984540054 + 1.6448536269514722; // z(0.025) + z(0.05), tables
const cases: readonly Case[] = [
  {
    name: 'assertCells',
    exact: true,
    detectable: detectableCells(COUNT, 10, rates),
    // Ten cells with probabilities 0.1·(1 ± √shift).
    run: (u, shift, detects) => assertCells(tilted(u, Math.sqrt(shift)), new Array(10).fill(0.1), { ...rates, detects }),
  },
  {
    name: 'assertMean',
    exact: false,
    detectable: errors / Math.sqrt(COUNT),
    run: (u, shift, detects) => assertMean(exponential(u), 1 - shift, { ...rates, detects }),
  },
  {
    name: 'assertEqualMeans',
    exact: false,
    detectable: (errors * Math.sqrt(2)) / Math.sqrt(COUNT),
    run: (u, shift, detects) => {
      const a = exponential(u);
      const b = exponential(u.map((x) => 1 - ((x * 2 ** 20) % 1))); // its lower bits are another sample
      assertEqualMeans(
        a,
        b.map((x) => x + shift),
        { ...rates, detects },
      );
    },
  },
  {
    name: 'assertVariance',
    exact: false,
    // The variance of the uniform law is 1/12, its kurtosis 9/5.
    detectable: (errors * Math.sqrt(0.8)) / 12 / Math.sqrt(COUNT),
    run: (u, shift, detects) => assertVariance(u, 1 / 12 - shift, { ...rates, detects }),
  },
  {
    name: 'assertBoundedMean',
    exact: true,
    detectable: detectableBoundedMean(COUNT, 1, Math.sqrt(1 / 12), rates),
    run: (u, shift, detects) => assertBoundedMean(u, 0.5 - shift, { low: 0, high: 1 }, { ...rates, detects }),
  },
  {
    name: 'assertDistribution',
    exact: true,
    detectable: detectableDistribution(COUNT, rates),
    run: (u, shift, detects) => assertDistribution(u, (x) => Math.max(0, Math.min(1, x + shift)), { ...rates, detects }),
  },
  {
    name: 'assertCellDistribution',
    exact: true,
    detectable: detectableDistribution(COUNT, rates),
    // The first two cells' common end moves by `shift`.
    run: (u, shift, detects) => {
      const first = u.filter((x) => x < 0.5 - shift).length;
      assertCellDistribution([first, COUNT - first], [0.5, 0.5], { ...rates, detects });
    },
  },
  {
    name: 'assertSameDistribution',
    exact: true,
    detectable: detectableDistributionDifference(COUNT, rates),
    run: (u, shift, detects) => {
      const other = u.map((x) => (x * 2 ** 20) % 1);
      assertSameDistribution(
        u,
        other.map((x) => x + shift),
        { ...rates, detects },
      );
    },
  },
  {
    name: 'assertProportion',
    exact: true,
    detectable: detectableProportion(COUNT, 0.1, 'equal', rates),
    run: (u, shift, detects) => assertProportion(u.filter((x) => x < 0.1 + shift).length, COUNT, 0.1, { ...rates, detects }),
  },
  {
    name: 'assertCoverage',
    exact: true,
    detectable: detectableProportion(COUNT, 0.9, 'atLeast', rates),
    run: (u, shift, detects) => {
      const intervals = Array.from(u, (x) => ({ low: x, high: x + 0.9 - shift }));
      assertCoverage(intervals, 1, 0.9, { ...rates, detects }, 'atLeast');
    },
  },
  {
    name: 'assertCorrelation',
    exact: false,
    detectable: errors / Math.sqrt(COUNT),
    run: (u, shift, detects) => {
      const other = u.map((x) => (x * 2 ** 20) % 1);
      const mixed = other.map((y, k) => shift * u[k] + Math.sqrt(1 - shift ** 2) * y);
      assertCorrelation(u, mixed, 0, { ...rates, detects });
    },
  },
];

/** Counts uniform samples in ten cells, the first of each two a little wider than the second. */
function tilted(u: Float64Array, by: number): number[] {
  const counts = new Array<number>(10).fill(0);
  for (const x of u) {
    const pair = Math.floor(5 * x);
    counts[2 * pair + (5 * x - pair < (1 + by) / 2 ? 0 : 1)]++;
  }
  return counts;
}

/** How often an assertion fails in independent repeats. */
function failures({ name, run, detectable }: Case, shift: number): number {
  let count = 0;
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    try {
      run(uniforms(`${name} ${repeat}`, COUNT), shift, 2 * detectable);
    } catch (error) {
      if (!/must be \S+ within/.test((error as Error).message)) throw error;
      count++;
    }
  }
  return count;
}

for (const example of cases) {
  test(`${example.name} raises false alarms no more often than stated`, () => {
    const alarms = failures(example, 0);
    if (example.exact) assertProportion(alarms, REPEATS, 0.05, { detects: 0.065 }, 'atMost', 'the rate of false alarms');
    else assertProportion(alarms, REPEATS, 0.05, { detects: 0.065 }, 'equal', 'the rate of false alarms');
  });

  test(`${example.name} misses the detectable discrepancy no more often than stated`, () => {
    const misses = REPEATS - failures(example, example.detectable);
    if (example.exact) assertProportion(misses, REPEATS, 0.05, { detects: 0.065 }, 'atMost', 'the rate of misses');
    else assertProportion(misses, REPEATS, 0.05, { detects: 0.065 }, 'equal', 'the rate of misses');
  });
}

test('every assertion fails on NaN', () => {
  const broken = new Float64Array(2000).fill(Number.NaN);
  const sound = uniforms('sound', 2000);
  const power = { detects: 10 };
  expect(() => assertMean(broken, 0, power)).toThrow();
  expect(() => assertEqualMeans(sound, broken, power)).toThrow();
  expect(() => assertVariance(broken, 0, power)).toThrow();
  expect(() => assertBoundedMean(broken, 0, { low: 0, high: 1 }, power)).toThrow('samples must be from 0 to 1, got NaN');
  expect(() => assertDistribution(broken, () => 0.5, power)).toThrow();
  expect(() => assertSameDistribution(sound, broken, power)).toThrow();
  expect(() => assertProportion(Number.NaN, 2000, 0.5, power)).toThrow();
  expect(() => assertCorrelation(sound, broken, 0, power)).toThrow();
  expect(() => assertCells([Number.NaN, 1000], [0.5, 0.5], power)).toThrow();
  expect(() => assertCellDistribution([Number.NaN, 1000], [0.5, 0.5], power)).toThrow();
});
