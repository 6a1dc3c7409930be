import type { Table } from '@ergoflow/runner';
import { expect, test } from 'vitest';
import { type Asked, planOf, resultOf } from '../fixtures/studyRuns.ts';
import { type CellResult, type Metric, SettingError } from '../study.ts';
import { simulateStudy } from './simulateStudy.ts';

// Ornstein–Uhlenbeck, dX = -X dt + √2 dW: stationary law N(0, 1), autocorrelation e^-t. The Euler scheme has the variance 1/(1 - h/2) instead of 1.
const OU: Asked['model'] = { name: 'ou', slow: { x: { drift: '-x', noise: 'sqrt(2)', start: 1 } } };
/** Each interval misses with probability 1e-6; beside it stands how long it may be, which is what the test can tell. */
const LEVEL = 1 - 1e-6;

function expectHolds({ low, high }: Metric, truth: number, length: number): void {
  expect(low).toBeLessThan(truth);
  expect(high).toBeGreaterThan(truth);
  expect(high - low).toBeLessThan(length);
}

function rowsOf(table: Table | undefined): Record<string, number>[] {
  const columns = table?.columns ?? [];
  return Array.from({ length: columns[0]?.values.length ?? 0 }, (_, row) =>
    Object.fromEntries(columns.map(({ name, values }) => [name, values[row] as number])),
  );
}

/** ∫ f by Simpson's rule. */
function integral(f: (x: number) => number, low: number, high: number, parts = 2000): number {
  const h = (high - low) / parts;
  let total = f(low) + f(high);
  for (let k = 1; k < parts; k++) total += (k % 2 === 0 ? 2 : 4) * f(low + k * h);
  return (total * h) / 3;
}

const density = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);

let cached: CellResult | undefined;
function stationary(): CellResult {
  cached ??= resultOf(simulateStudy, {
    model: OU,
    axes: { epsilon: 1, step: 0.2 },
    replicates: 4000,
    settings: {
      horizon: 24,
      level: LEVEL,
      paths: false,
      observe: ['x', 'x^2'],
      check: { fraction: 1 },
      stationary: {
        burnIn: 8,
        sampleEvery: 0.2,
        observe: ['x', 'x^2', 'x^2 + 10'],
        density: [{ of: 'x', low: -2, high: 2, bins: 8 }],
        autocorrelation: [
          { of: 'x', upTo: 2, lags: 5 },
          { of: 'x + 10', upTo: 2, lags: 1 },
          { of: 'x^2', upTo: 1, lags: 1 },
        ],
      },
    },
  });
  return cached;
}

test('expectations at the horizon are those of the closed form, and not those of the step', () => {
  const asked = {
    model: OU,
    axes: { epsilon: 1, step: 0.2 },
    replicates: 40_000,
    settings: { level: LEVEL, paths: false, check: { fraction: 0.5 } },
  };
  const { metrics, count } = resultOf(simulateStudy, asked);
  expect(count).toBe(40_000);
  expectHolds(metrics['mean x'], Math.exp(-1), 0.1);
  // E X² = e^(-2T) + 1 - e^(-2T); of the Euler scheme (1 - h)^(2n) + (1 - (1 - h)^(2n))/(1 - h/2).
  const ofEuler = 0.8 ** 10 + (1 - 0.8 ** 10) / 0.9;
  expectHolds(metrics['mean x^2'], 1, 0.12);
  expect(metrics['mean x^2'].high).toBeLessThan(ofEuler);
  expect(Math.abs(metrics['mean x^2'].atStep - ofEuler)).toBeLessThan(0.05);
});

test('stationary expectations are those of the closed form, and not those of the step', () => {
  const { metrics } = stationary();
  expectHolds(metrics['stationary x'], 0, 0.1);
  expectHolds(metrics['stationary x^2'], 1, 0.1);
  expect(metrics['stationary x^2'].high).toBeLessThan(1 / 0.9);
  expect(metrics['stationary x^2 + 10'].estimate).toBeCloseTo(metrics['stationary x^2'].estimate + 10, 10);
});

test('the density is that of the normal law in every bin, and not that of the step', () => {
  const rows = rowsOf(stationary().tables?.density);
  expect(rows.map(({ from, to }) => [from, to])).toEqual(Array.from({ length: 8 }, (_, k) => [-2 + k / 2, -1.5 + k / 2]));
  for (const row of rows) expectHolds(row as unknown as Metric, integral(density, row.from, row.to) / 0.5, 0.04);
  // At the centre the wider law of the Euler scheme lies below: by 5 %.
  expect(rows[4].low).toBeGreaterThan(Math.sqrt(0.9) * density(0.5 * Math.sqrt(0.9)));
});

test('autocorrelations are e^-t of x, whatever its mean, and e^-2t of its square', () => {
  const rows = rowsOf(stationary().tables?.autocorrelation);
  const of = (text: string) => rows.filter((row) => (row.of as unknown as string) === text);
  expect(of('x').map(({ lag }) => Number(lag.toFixed(9)))).toEqual([0, 0.4, 0.8, 1.2, 1.6, 2]);
  for (const row of of('x')) if (row.lag > 0) expectHolds(row as unknown as Metric, Math.exp(-row.lag), 0.12);
  expect(of('x + 10')[1].estimate).toBeCloseTo(of('x')[5].estimate, 7);
  expectHolds(of('x^2')[1] as unknown as Metric, Math.exp(-2), 0.12);
});

test('any partition into tasks gives the same numbers, and keeping paths changes none', () => {
  const asked = (paths: boolean): Asked => ({
    model: { slow: { x: { drift: '-x + y', noise: 1 } }, fast: { y: { drift: '-y', noise: 1 } } },
    axes: { epsilon: 0.2, step: 0.05 },
    replicates: 41,
    settings: {
      horizon: 2,
      paths,
      every: 0.3,
      passage: { when: 'x > 0.7' },
      stationary: {
        burnIn: 0.5,
        sampleEvery: 0.1,
        density: [{ of: 'y', low: -1, high: 1, bins: 3 }],
        autocorrelation: [{ of: 'x', upTo: 0.4, lags: 2 }],
      },
    },
  });
  const whole = resultOf(simulateStudy, asked(false));
  expect(resultOf(simulateStudy, asked(false), 7)).toEqual(whole);
  expect(resultOf(simulateStudy, asked(true), 16)).toEqual(whole);
});

test('lags are whole numbers of samples, and not more than those up to the largest', () => {
  const { tables } = resultOf(simulateStudy, {
    model: OU,
    axes: { epsilon: 1, step: 0.05 },
    replicates: 20,
    settings: { horizon: 4, paths: false, stationary: { burnIn: 0, sampleEvery: 0.1, autocorrelation: [{ of: 'x', upTo: 0.5, lags: 50 }] } },
  });
  expect(rowsOf(tables?.autocorrelation).map(({ lag }) => Number(lag.toFixed(9)))).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5]);
});

test('lost paths are counted and leave the others’ numbers alone', () => {
  const { metrics, count, failures } = resultOf(simulateStudy, {
    model: { slow: { x: { drift: '-x', noise: 1, start: 0.1 } } },
    axes: { epsilon: 1, step: 0.1 },
    replicates: 400,
    settings: { paths: false, observe: ['x', 'log(x)'], check: { fraction: 0.25 } },
  });
  // log(x) is none where the path ends below 0: a little less than half of them.
  expect(count).toBeGreaterThan(150);
  expect(count).toBeLessThan(280);
  expect(failures['not-observable']).toBeGreaterThan(400 - count);
  expect(metrics['mean x'].low).toBeGreaterThan(0);
});

test.each([
  [{ observe: ['x', 'z'] }, ['observe', 1], 'z'],
  [{ observe: ['x > 1'] }, ['observe', 0], 'one number is needed'],
  [{ passage: { when: 'x' } }, ['passage', 'when'], 'one condition is needed'],
  [{ passage: { when: 'q > 1' } }, ['passage', 'when'], 'q'],
  [{ stationary: { burnIn: 2 } }, ['stationary', 'burnIn'], 'a longer horizon'],
  [{ stationary: { burnIn: 0, observe: ['t'] } }, ['stationary', 'observe', 0], 'reads t'],
  [{ stationary: { burnIn: 0, density: [{ of: 'z', low: 0, high: 1 }] } }, ['stationary', 'density', 0, 'of'], 'z'],
  [{ stationary: { burnIn: 0, density: [{ of: 'x', low: 1, high: 1 }] } }, ['stationary', 'density', 0, 'high'], 'high must be above'],
  [{ stationary: { burnIn: 0, autocorrelation: [{ of: 'x', upTo: 1 }] } }, ['stationary', 'autocorrelation', 0, 'upTo'], 'upTo must be below'],
] as const)('%j is refused at its place', (settings, path, words) => {
  const asked = { model: OU, axes: { epsilon: 1, step: 0.1 }, settings: JSON.parse(JSON.stringify(settings)), replicates: 20 };
  let refused: unknown;
  try {
    planOf(simulateStudy, asked);
  } catch (error) {
    refused = error;
  }
  expect(refused).toBeInstanceOf(SettingError);
  expect((refused as SettingError).path).toEqual(path);
  expect((refused as SettingError).message).toContain(words);
});
