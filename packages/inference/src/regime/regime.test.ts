import { documentOf } from '@ergoflow/input';
import { readModel } from '@ergoflow/sde';
import { describe, expect, test } from 'vitest';
import type { DriftBasis } from '../baselines/baseline.ts';
import { fullPaths, ornsteinUhlenbeck, slowModel } from '../baselines/fixtures/paths.ts';
import { averagedPaths, shippedModel } from '../fixtures/averagedPaths.ts';
import { regimeOf } from './regime.ts';

const linear: DriftBasis = ([x]) => [[x.map((each) => -each)]];
const cubic: DriftBasis = ([x]) => [[x], [x.map((each) => -(each ** 3))]];

describe('averaging is not flagged', () => {
  test('linear and double-well at epsilon = 0.01: flat', () => {
    for (const [name, basis] of [
      ['linear', linear],
      ['double-well', cubic],
    ] as const) {
      const paths = fullPaths({ model: shippedModel(name), epsilon: 0.01, step: 0.001, every: 10, observations: 40_000, paths: 1, seed: 5 });
      const { verdict, reason } = regimeOf(paths, basis);
      expect(verdict, `${name}: ${reason}`).toBe('averaging');
    }
  });

  test('the averaged double-well itself, 15 000 observations', () => {
    const { verdict, reason } = regimeOf(averagedPaths(shippedModel('double-well'), 1, 15_000, 0.02, 3), cubic);
    expect(verdict, reason).toBe('averaging');
  });
});

describe('homogenization is flagged', () => {
  // Small wells of width 0.05·2π: fast time 0.0025, spacing 4e-4. The limit is ln K, K = 0.40104; two thirds of the fall must be seen (in logarithms).
  test('a particle among small wells: the variation falls with the lag, and so does the plain drift', () => {
    const model = slowModel('-x + sin(x/0.05)/0.05', 'sqrt(1.4)');
    const paths = fullPaths({ model, epsilon: 1, step: 1e-4, every: 4, observations: 125_000, paths: 1, seed: 2 });
    const { verdict, reason, lags } = regimeOf(paths, linear);
    expect(verdict, reason).toBe('homogenization');
    expect(lags.at(-1)?.logRatio.value).toBeLessThan((2 / 3) * Math.log(0.40104));
    const [first, last] = [lags[0], lags.at(-1)].map((view) => view?.coefficients[0].value as number);
    expect(last).toBeLessThan(0.8 * first);
  });

  test('noise that a fast variable adds: the variation rises by more than a finite epsilon explains', () => {
    const paths = fullPaths({
      model: readModel(documentOf({ slow: { x: { drift: '-x + y/sqrt(epsilon)', noise: 0.5 } }, fast: { y: { drift: '-y', noise: 1 } } } as never)),
      epsilon: 1e-3,
      step: 5e-5,
      every: 4,
      observations: 300_000,
      paths: 1,
      seed: 4,
    });
    const { verdict, reason } = regimeOf(paths, linear);
    expect(verdict, reason).toBe('homogenization');
  });
});

test('a spacing of half the slow time is undersampled, and of a sixth too long to say', () => {
  expect(regimeOf(ornsteinUhlenbeck(1, 1, 4000, 0.5, 1, 1), linear).verdict).toBe('undersampled');
  expect(regimeOf(ornsteinUhlenbeck(1, 1, 4000, 0.16, 1, 1), linear).verdict).toBe('undecided');
});

test('few observations decide nothing', () => {
  expect(regimeOf(ornsteinUhlenbeck(1, 1, 100, 0.02, 1, 1), linear).verdict).toBe('undecided');
});
