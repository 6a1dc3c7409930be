import { assertCoverage, type Interval } from '@ergoflow/testing';
import { beforeAll, expect, test } from 'vitest';
import { type Asked, resultOf } from '../fixtures/studyRuns.ts';
import { simulateStudy } from './simulateStudy.ts';

const SEEDS = 700;
const LEVEL = 0.9;
/** 700 intervals of level 90 %, at the default rates, detect a coverage that is below by 15 points. */
const POWER = { detects: 0.15 };

/** ∫ f by Simpson's rule. */
function integral(f: (x: number) => number, low: number, high: number, parts = 400): number {
  const h = (high - low) / parts;
  let total = f(low) + f(high);
  for (let k = 1; k < parts; k++) total += (k % 2 === 0 ? 2 : 4) * f(low + k * h);
  return (total * h) / 3;
}

const density = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
const normal = (x: number): number => 0.5 + integral(density, 0, x);

const brownian: Asked = {
  model: { slow: { w: { drift: '0', noise: '1' } } },
  axes: { epsilon: 1, step: 1 / 32 },
  replicates: 400,
  settings: { level: LEVEL, paths: false, passage: { when: 'w > 1' } },
};
const stationary: Asked = {
  model: { slow: { x: { drift: '-x', noise: 'sqrt(2)' } } },
  axes: { epsilon: 1, step: 0.1 },
  replicates: 200,
  settings: {
    horizon: 9,
    level: LEVEL,
    paths: false,
    observe: [],
    check: { fraction: 0.25, min: 50 },
    stationary: {
      burnIn: 5,
      observe: ['x^2'],
      density: [{ of: 'x', low: 2, high: 3, bins: 1 }],
      autocorrelation: [{ of: 'x', upTo: 0.5, lags: 1 }],
    },
  },
};

const found = new Map<string, Interval[]>();
const keep = (name: string, interval: Interval): void => void found.set(name, [...(found.get(name) ?? []), interval]);

beforeAll(() => {
  for (let seed = 0; seed < SEEDS; seed++) {
    for (const asked of [brownian, stationary]) {
      const { metrics, tables = {} } = resultOf(simulateStudy, { ...asked, seed });
      for (const [name, interval] of Object.entries(metrics)) keep(name, interval);
      for (const [name, { columns }] of Object.entries(tables)) {
        const last = (column: string): number => Number(columns.find((own) => own.name === column)?.values.at(-1));
        keep(name, { low: last('low'), high: last('high') });
      }
    }
  }
}, 600_000);

// P(τ ≤ 1) and E min(τ, 1) by the reflection principle.
const share = 2 * (1 - normal(1));
const time = integral((t) => (t === 0 ? 1 : 2 * normal(1 / Math.sqrt(t)) - 1), 0, 1);

test.each([
  ['mean w', 0],
  ['mean w^2', 1],
  ['passage-share', share],
  ['passage-time', time],
  ['mean-first-passage-time', time / share],
  ['stationary x^2', 1],
  ['density', normal(3) - normal(2)],
  ['autocorrelation', Math.exp(-0.5)],
])('intervals of %s hold the truth at least as often as their level says', (name, truth) => {
  const intervals = found.get(name) ?? [];
  expect(intervals.length).toBe(SEEDS);
  assertCoverage(intervals, truth, LEVEL, POWER, 'atLeast');
});
