import { expect, test } from 'vitest';
import { resultOf } from '../fixtures/studyRuns.ts';
import type { Metric } from '../study.ts';
import { simulateStudy } from './simulateStudy.ts';

/** Each interval misses with probability 1e-6; beside it stands how long it may be, which is what the test can tell. */
const LEVEL = 1 - 1e-6;

function expectHolds({ low, high }: Metric, truth: number, length: number): void {
  expect(low).toBeLessThan(truth);
  expect(high).toBeGreaterThan(truth);
  expect(high - low).toBeLessThan(length);
}

/** ∫ f by Simpson's rule. */
function integral(f: (x: number) => number, low: number, high: number, parts = 400): number {
  const h = (high - low) / parts;
  let total = f(low) + f(high);
  for (let k = 1; k < parts; k++) total += (k % 2 === 0 ? 2 : 4) * f(low + k * h);
  return (total * h) / 3;
}

test('the mean first-passage time of an Ornstein–Uhlenbeck process is the quadrature of its scale function, and not that of the step', () => {
  // dX = -X dt + √2 dW from 0 to 1: E τ = ∫₀¹ s(y) ∫_{-∞}^y m(z) dz dy with s = e^(y²/2), m = e^(-z²/2).
  const truth = integral((y) => Math.exp((y * y) / 2) * integral((z) => Math.exp((-z * z) / 2), -9, y), 0, 1);
  const { metrics } = resultOf(simulateStudy, {
    model: { slow: { x: { drift: '-x', noise: 'sqrt(2)' } } },
    axes: { epsilon: 1, step: 0.04 },
    replicates: 10_000,
    settings: { horizon: 32, level: LEVEL, paths: false, observe: [], passage: { when: 'x > 1' } },
  });
  // Of 10^4 paths e^(-32/2.1) are left: what the horizon cuts off is 1e-6.
  const { 'passage-share': share, 'passage-time': time, 'mean-first-passage-time': rate } = metrics;
  expect(share.high).toBe(1);
  expect(share.low).toBeGreaterThan(0.99);
  expectHolds(time, truth, 1);
  expectHolds(rate, truth, 1);
  expect(time.high).toBeLessThan(time.atStep);
});

test('passage of Brownian motion with a horizon has the share and the restricted mean of the reflection principle', () => {
  // P(τ ≤ t) = 2(1 - Φ(1/√t)); E min(τ, 1) = ∫₀¹ P(τ > t) dt.
  const normal = (x: number): number => 0.5 + integral((z) => Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI), 0, x);
  const { metrics } = resultOf(simulateStudy, {
    model: { slow: { w: { drift: '0', noise: '1' } } },
    axes: { epsilon: 1, step: 1 / 64 },
    // The share of the chain is 2(1 - Φ(1 + 0.58·√h)) = 0.283 (Broadie, Glasserman & Kou 1997) for 0.317: so many paths tell them apart at both rates of 1e-6.
    replicates: 100_000,
    settings: { level: LEVEL, paths: false, observe: [], passage: { when: 'w > 1' } },
  });
  expectHolds(metrics['passage-share'], 2 * (1 - normal(1)), 0.12);
  expect(metrics['passage-share'].low).toBeGreaterThan(metrics['passage-share'].atStep);
  const time = integral((t) => (t === 0 ? 1 : 2 * normal(1 / Math.sqrt(t)) - 1), 0, 1);
  expectHolds(metrics['passage-time'], time, 0.08);
  expectHolds(metrics['mean-first-passage-time'], time / (2 * (1 - normal(1))), 1);
});

test('a condition may read the time, which is that at the end of a step', () => {
  const { metrics } = resultOf(simulateStudy, {
    model: { slow: { x: { drift: '-x' } } },
    axes: { epsilon: 1, step: 1 / 8 },
    replicates: 20,
    settings: { horizon: 4, paths: false, passage: { when: 't > 1 and x > -1' } },
  });
  expect(metrics['passage-time'].atStep).toBe(1.125);
  expect(metrics['passage-share'].estimate).toBe(1);
});

test('no passage in n paths leaves a share up to z²/n, and no mean first-passage time', () => {
  const { metrics } = resultOf(simulateStudy, {
    model: { slow: { x: { drift: '-x', noise: '1' } } },
    axes: { epsilon: 1, step: 0.1 },
    replicates: 1000,
    settings: { level: 0.95, paths: false, observe: [], passage: { when: 'x > 50' } },
  });
  expect(metrics['passage-share'].estimate).toBe(0);
  expect(metrics['passage-share'].low).toBe(0);
  expect(metrics['passage-share'].high).toBeCloseTo(1.959963985 ** 2 / 1000, 9);
  expect(metrics['passage-time'].low).toBeCloseTo(1 - 1.959963985 ** 2 / 1000, 9);
  expect(Object.keys(metrics)).toEqual(['passage-share', 'passage-time']);
});

test('a path that meets the condition at its start passes at time 0', () => {
  const { metrics } = resultOf(simulateStudy, {
    model: { slow: { x: { drift: '-x', start: 1 } } },
    axes: { epsilon: 1, step: 0.1 },
    replicates: 20,
    settings: { paths: false, passage: { when: 'x > 0.99' } },
  });
  expect(metrics['passage-time'].estimate).toBe(0);
  expect(metrics['passage-share'].estimate).toBe(1);
});
