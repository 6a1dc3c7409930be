import { assertCoverage, type Interval } from '@ergoflow/testing';
import { expect, test } from 'vitest';
import { standardNormals } from '../convex/standardNormals.ts';
import { biasOrder } from './biasOrder.ts';

const EPSILONS = [0.2, 0.1, 0.05, 0.025, 0.0125];

test('a bias without noise is found exactly: order, limit, range', () => {
  const fit = biasOrder(EPSILONS.map((epsilon) => ({ epsilon, value: 3 - 2 * epsilon ** 0.5, error: 1e-6 })));
  expect(fit.order.value).toBeCloseTo(0.5, 6);
  expect(fit.limit.value).toBeCloseTo(3, 5);
  expect(fit.largest).toBe(0.2);
});

test('what is beyond the asymptotic range is left out', () => {
  const fit = biasOrder([0.8, ...EPSILONS].map((epsilon) => ({ epsilon, value: 1 - epsilon / (1 + (epsilon / 0.5) ** 4), error: 2e-3 })));
  expect(fit.largest).toBeLessThan(0.8);
  expect(fit.order.low).toBeLessThan(1);
  expect(fit.order.high).toBeGreaterThan(1);
});

// False-alarm rate 1e-6 each, 2200 data sets; a coverage of 0.88 would be seen. Choosing the range costs some coverage: hence "at least 0.93".
test('the intervals of 95 % hold order and limits', () => {
  const [noise] = standardNormals(1, 2200 * EPSILONS.length, ['bias order test']);
  const fits = Array.from({ length: 2200 }, (_, set) =>
    biasOrder(EPSILONS.map((epsilon, k) => ({ epsilon, value: 1 - 2 * epsilon + 0.01 * noise[set * EPSILONS.length + k], error: 0.01 }))),
  );
  const held = (of: (fit: (typeof fits)[number]) => Interval): void => assertCoverage(fits.map(of), 1, 0.93, { detects: 0.07 }, 'atLeast');
  held(({ order }) => order);
  held(({ limit }) => limit);
});

test('too few estimates and errors of 0 are told', () => {
  expect(() => biasOrder([])).toThrow('estimates must be at least 4, got 0');
  expect(() => biasOrder(EPSILONS.map((epsilon) => ({ epsilon, value: 1, error: 0 })))).toThrow('must be > 0');
});
