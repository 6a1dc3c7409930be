import { documentOf } from '@ergoflow/input';
import { readModel } from '@ergoflow/sde';
import { expect, test } from 'vitest';
import type { DriftBasis } from '../baselines/baseline.ts';
import { fullPaths } from '../baselines/fixtures/paths.ts';
import { subsampled } from '../baselines/subsampled.ts';
import { biasOrder } from './biasOrder.ts';

const cubic: DriftBasis = ([x]) => [[x], [x.map((each) => -(each ** 3))]];

// X' = X(1 + Y) - X³, Y an Ornstein–Uhlenbeck process of variance 0.49: least squares on (x, -x³) is biased at a finite ε, its limit is (1, 1).
test('the bias is of first order, and the extrapolated coefficients hold (1, 1)', () => {
  const model = readModel(
    documentOf({ slow: { x: { drift: 'x*(1 + y) - x^3', noise: 0.5, start: 1 } }, fast: { y: { drift: '-y', noise: 'sqrt(0.98)' } } } as never),
  );
  const fits = [0.1, 0.05, 0.025, 0.0125, 0.00625, 0.003125].map((epsilon, k) => {
    const every = Math.round(0.005 / (epsilon / 40));
    const paths = fullPaths({
      model,
      epsilon,
      step: 0.005 / Math.max(1, every),
      every: Math.max(1, every),
      observations: 100_000,
      paths: 80,
      seed: 20 + k,
    });
    return { epsilon, coefficients: subsampled({ paths, basis: cubic }).coefficients };
  });
  for (const c of [0, 1]) {
    const fit = biasOrder(fits.map(({ epsilon, coefficients }) => ({ epsilon, ...coefficients[c] })));
    const told = JSON.stringify({ fit, estimates: fits.map(({ coefficients }) => coefficients[c]) });
    expect(fit.order.low, told).toBeLessThan(1);
    expect(fit.order.high, told).toBeGreaterThan(1);
    expect(fit.order.high - fit.order.low, told).toBeLessThan(1);
    expect(fit.limit.low, told).toBeLessThan(1);
    expect(fit.limit.high, told).toBeGreaterThan(1);
    expect(fit.limit.high - fit.limit.low, told).toBeLessThan(0.15);
  }
});
