import { assertCoverage, type Interval } from '@ergoflow/testing';
import { expect, test } from 'vitest';
import { exactErrors, type LinearModel, oneAndOne, SHARED, TWO_FAST, TWO_SLOW } from '../fixtures/linearModels.ts';
import { runCell } from '../fixtures/runCell.ts';

const SYSTEMS: readonly LinearModel[] = [
  oneAndOne('as shipped', { a: 1, b: 1, k: 0.5, gamma: 1, sigma: 0.5, alpha: 1, start: 1 }),
  oneAndOne('negative feedback', { a: 0.7, b: -2, k: 1.5, gamma: 2, sigma: 0.3, alpha: 0.8, start: -0.6 }),
  oneAndOne('slow relaxation', { a: 2, b: 3, k: 0.4, gamma: 0.5, sigma: 0.1, alpha: 0.5, start: 2 }),
  oneAndOne('growing', { a: 0.2, b: 1, k: 0.6, gamma: 1.5, sigma: 0.2, alpha: 1.5, start: 0.3 }),
  TWO_FAST,
  SHARED,
  TWO_SLOW,
];

// Together 1e-6 false alarms.
test.each(SYSTEMS.flatMap((linear) => [0.5, 0.05, 0.005, 0.001].map((epsilon) => ({ linear, epsilon }))))(
  'each estimate’s interval holds the closed form: $linear.name, ε = $epsilon',
  ({ linear, epsilon }) => {
    const exact = exactErrors(linear, epsilon, 1);
    const replicates = Math.min(40_000, Math.ceil(4e7 * epsilon));
    const level = 1 - 1e-6 / (SYSTEMS.length * 4 * 5);
    const { metrics } = runCell({ model: linear.model, epsilon, replicates, settings: { level } });
    for (const [name, value] of exact) {
      const { estimate, low, high } = metrics[name];
      expect(low <= value && value <= high, `${name}: ${value} in ${low}, ${estimate}, ${high}`).toBe(true);
    }
    // Would be seen: a strong error off by a tenth.
    const { estimate, low, high } = metrics['strong-error'];
    expect((high - low) / 2).toBeLessThan(0.1 * estimate);
  },
);

/** Intervals less their truth, by metric, of many seeds. */
function intervalsOf(seeds: number, settings: Readonly<Record<string, number>>, steps: number): Map<string, Interval[]> {
  const found = new Map<string, Interval[]>();
  for (const linear of SYSTEMS.slice(0, 4)) {
    for (const epsilon of [0.5, 0.1]) {
      const exact = exactErrors(linear, epsilon, 0.5);
      for (let seed = 1; seed <= seeds; seed++) {
        const { metrics } = runCell({
          model: linear.model,
          epsilon,
          step: epsilon / steps,
          replicates: 256,
          seed,
          settings: { horizon: 0.5, ...settings },
        });
        for (const [name, value] of exact) {
          const { low, high } = metrics[name];
          found.set(name, [...(found.get(name) ?? []), { low: low - value, high: high - value }]);
        }
      }
    }
  }
  return found;
}

// False-alarm rate 1e-6 for each metric.
test('of 256 replicates, intervals of level 0.95 hold the closed form as often as they say; 0.92 would be seen', () => {
  for (const intervals of intervalsOf(950, { level: 0.95 }, 20).values()) assertCoverage(intervals, 0, 0.95, { detects: 0.03 }, 'atLeast');
});

test('of 256 replicates, intervals of level 0.999 miss the closed form in less than 1 % of cases', () => {
  for (const intervals of intervalsOf(560, { level: 0.999 }, 20).values()) assertCoverage(intervals, 0, 0.999, { detects: 0.011 }, 'atLeast');
});

test('at steps of ε/4 the intervals of level 0.95 hold it as often: the bias of the step is taken off, and what is left of it is in the interval', () => {
  for (const intervals of intervalsOf(950, { level: 0.95 }, 4).values()) assertCoverage(intervals, 0, 0.95, { detects: 0.03 }, 'atLeast');
});
