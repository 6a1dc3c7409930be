import { fileURLToPath } from 'node:url';
import { documentOf, readYamlFile } from '@ergoflow/input';
import type { JsonObject } from '@ergoflow/runner';
import { readModel } from '@ergoflow/sde';
import { describe, expect, test } from 'vitest';
import { exactErrors, oneAndOne } from '../fixtures/linearModels.ts';
import { integrateMoments } from '../fixtures/linearMoments.ts';
import { planCell, runCell } from '../fixtures/runCell.ts';
import { type CellResult, SettingError } from '../study.ts';
import { fitOrders } from './results.ts';
import { ordersOf, supStepOrder } from './theory.ts';

const shipped = (name: string): JsonObject =>
  readYamlFile(fileURLToPath(new URL(`../../../../models/${name}.yaml`, import.meta.url))).value as JsonObject;

// All intervals of this file together give 1e-6 false alarms.
const level = 1 - 1e-8;

/** The interval holds the truth, and its half-width is below what would be seen. */
function expectHeld({ metrics }: CellResult, name: string, truth: number, seen: number): void {
  const { estimate, low, high } = metrics[name];
  const said = `${name}: ${truth} in ${low}, ${estimate}, ${high}`;
  expect(low, said).toBeLessThanOrEqual(truth);
  expect(high, said).toBeGreaterThanOrEqual(truth);
  expect((high - low) / 2, said).toBeLessThan(seen);
}

const CONSTANTS = { a: 1, b: 1, k: 0.5, gamma: 1, sigma: 0.5, alpha: 1, start: 1 };
const LINEAR = oneAndOne('linear', CONSTANTS);

/** Mean and variance of X and X̄ of the linear system at a time. */
function laws(epsilon: number, time: number): readonly { readonly mean: number; readonly variance: number }[] {
  const { a, b, k, sigma, alpha, start } = CONSTANTS;
  const { mean, covariance } = integrateMoments(
    {
      drift: [
        [-a, b, 0],
        [k / epsilon, -1 / epsilon, 0],
        [0, 0, b * k - a],
      ],
      noise: [
        [sigma, 0],
        [0, alpha / Math.sqrt(epsilon)],
        [sigma, 0],
      ],
      mean: [start, k * start, start],
      covariance: [
        [0, 0, 0],
        [0, alpha ** 2 / 2, 0],
        [0, 0, 0],
      ],
    },
    time,
    Math.ceil((60 * time) / epsilon),
  );
  return [0, 2].map((i) => ({ mean: mean[i], variance: covariance[i][i] }));
}

describe('test functions of the user’s', () => {
  test('are averaged as they are written: a bell and a step, of normal laws', () => {
    const [full, averaged] = laws(0.2, 1);
    const bell = ({ mean, variance }: typeof full): number => Math.exp(-(mean ** 2) / (1 + 2 * variance)) / Math.sqrt(1 + 2 * variance);
    // P(X > 1), by the trapezoidal rule over the density.
    const above = ({ mean, variance }: typeof full): number => {
      let total = 0;
      for (let k = 0; k <= 40_000; k++) total += (k === 0 ? 0.5 : 1) * 2.5e-4 * Math.exp(-((1 + k * 2.5e-4 - mean) ** 2) / (2 * variance));
      return total / Math.sqrt(2 * Math.PI * variance);
    };
    const result = runCell({
      model: LINEAR.model,
      epsilon: 0.2,
      replicates: 20_000,
      settings: { level, testFunctions: ['exp(-x^2)', 'if(x > 1, 1, 0)'], check: { min: 2500 } },
    });
    expectHeld(result, 'weak-error exp(-x^2)', bell(full) - bell(averaged), 0.02);
    expectHeld(result, 'weak-error if(x > 1, 1, 0)', above(full) - above(averaged), 0.04);
  });

  test('read the slow variables and parameters only', () => {
    const plan = (testFunction: string) => () =>
      planCell({ model: LINEAR.model, epsilon: 0.1, replicates: 10, settings: { testFunctions: ['x', testFunction] } });
    expect(plan('a*x')).not.toThrow();
    for (const [text, message] of [
      ['t*x', 'it reads t'],
      ['x + epsilon', 'it reads epsilon'],
      ['x + y', 'unknown name "y"'],
      ['x > 1', 'one number is needed'],
      ['x +', 'cannot be used'],
    ]) {
      expect(plan(text), text).toThrow(SettingError);
      expect(plan(text), text).toThrow(message);
    }
  });

  test('without a value where a path ends cost that path, by name', () => {
    const { failures, count, metrics } = runCell({
      model: LINEAR.model,
      epsilon: 0.2,
      replicates: 400,
      settings: { testFunctions: ['log(x)'] },
    });
    expect(failures['test-function']).toBeGreaterThan(0);
    expect(count).toBeLessThan(400);
    expect(Number.isFinite(metrics['weak-error log(x)'].estimate)).toBe(true);
  });
});

test('stationary errors are those of the stationary laws', () => {
  const [full, averaged] = laws(0.2, 40);
  const result = runCell({
    model: LINEAR.model,
    epsilon: 0.2,
    replicates: 64,
    settings: { level, horizon: 0.1, stationary: { burnIn: 20, duration: 60, sampleEvery: 0.2, replicates: 300 } },
  });
  expectHeld(result, 'stationary-error x', 0, 0.1);
  expectHeld(result, 'stationary-error x^2', full.variance - averaged.variance, 0.13);
  // Seen: the averaged equation's own variance in place of the difference, or none.
  expect(full.variance - averaged.variance).toBeGreaterThan(0.13);
});

test('a vector counts by its Euclidean norm, and by the means of its components and their squares', () => {
  const scalar = exactErrors(oneAndOne('scalar', { ...CONSTANTS, k: 0, start: 1 }), 0.1, 1);
  const result = runCell({
    model: {
      slow: { x: { size: 3, drift: '-x + y', noise: 0.5, start: 1 } },
      fast: { y: { size: 3, drift: '-y', noise: 1 } },
      truth: { drift: { x: '-x' } },
    },
    epsilon: 0.1,
    replicates: 3000,
    settings: { level, check: { min: 500 } },
  });
  expectHeld(result, 'strong-error', Math.sqrt(3) * (scalar.get('strong-error') as number), 0.05);
  expectHeld(result, 'weak-error mean(x)', scalar.get('weak-error x') as number, 0.03);
  expectHeld(result, 'weak-error mean(x^2)', scalar.get('weak-error x^2') as number, 0.06);
});

test('where the slow noise depends on the fast variable, paths stay apart and the law does not', () => {
  // X - X̄ = ∫ e^(-(T-u)) (s0 + s1 Y - s̄) dW for every ε, and E X² = E X̄².
  const [s0, s1, mean] = [0.5, 0.4, Math.sqrt(0.5 ** 2 + 0.4 ** 2 / 2)];
  const model = {
    slow: { x: { drift: '-x', noise: 's0 + s1*y', start: 1 } },
    fast: { y: { drift: '-y', noise: 1 } },
    parameters: { s0, s1 },
    truth: { drift: { x: '-x' }, diffusion: { x: 's0^2 + s1^2/2' } },
  };
  const apart = Math.sqrt((2 * mean ** 2 - 2 * s0 * mean) * ((1 - Math.exp(-2)) / 2));
  for (const epsilon of [0.3, 0.03]) {
    const result = runCell({ model, epsilon, replicates: 4000, settings: { level, check: { min: 1000 } } });
    expectHeld(result, 'strong-error', apart, 0.06);
    expectHeld(result, 'weak-error x^2', 0, 0.12);
  }
});

test('coefficients may depend on the time', () => {
  // With k = 0, X - X̄ = ∫ e^(-(T-s)) cos(3s) Y_s ds, E Y_s Y_r = ½ e^(-|s-r|/ε): its square by the midpoint rule.
  const [epsilon, time, n] = [0.1, 1, 2000];
  let square = 0;
  const weight = Array.from({ length: n }, (_, k) => {
    const s = ((k + 0.5) / n) * time;
    return Math.exp(-(time - s)) * Math.cos(3 * s) * (time / n);
  });
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) square += 0.5 * weight[i] * weight[j] * Math.exp((-Math.abs(i - j) * time) / n / epsilon);
  const result = runCell({
    model: {
      slow: { x: { drift: '-x + sin(t) + cos(3*t)*y', noise: '0.3 + 0.1*t', start: 0 } },
      fast: { y: { drift: '-y', noise: 1 } },
      truth: { drift: { x: '-x + sin(t)' } },
    },
    epsilon,
    replicates: 3000,
    settings: { level, check: { min: 500 } },
  });
  expectHeld(result, 'strong-error', Math.sqrt(square), 0.02);
  expectHeld(result, 'weak-error x', 0, 0.02);
});

test('equations may read ε', () => {
  const scalar = exactErrors(oneAndOne('scalar', { ...CONSTANTS, k: 0, start: 1 }), 0.1, 1);
  const model = {
    slow: { x: { drift: '-x + sqrt(epsilon)*y', noise: 0.5, start: 1 } },
    fast: { y: { drift: '-y', noise: 1 } },
    truth: { drift: { x: '-x' } },
  };
  const result = runCell({ model, epsilon: 0.1, replicates: 3000, settings: { level, check: { min: 500 } } });
  expectHeld(result, 'strong-error', Math.sqrt(0.1) * (scalar.get('strong-error') as number), 0.015);
});

describe('an averaged equation from ergodic averages', () => {
  const { truth: _, ...model } = LINEAR.model;
  const settings = { level: 1 - 1e-4, check: { min: 500 }, reference: { chains: 64, duration: 100, nodes: 7, range: { x: [-3, 4] } } };

  test('costs an interval that says so, and holds the closed form', () => {
    // With 7 degrees of freedom the intervals reach far: 1e-4 is the false-alarm rate of each of these three.
    const result = runCell({ model, epsilon: 0.1, replicates: 2000, settings });
    for (const [name, exact] of exactErrors(LINEAR, 0.1, 1)) {
      const { low, high, budget, systematic } = result.metrics[name];
      expect(low <= exact && exact <= high, `${name}: ${exact} in ${low}, ${high}`).toBe(true);
      expect(budget.reference).toBeGreaterThan(0);
      expect(systematic).toBeGreaterThanOrEqual(budget.reference);
    }
  });

  test('is the same work for all cells of one model, and another for another parameter, seed or setting', () => {
    const references = (asked: Partial<Parameters<typeof planCell>[0]>): string =>
      JSON.stringify(planCell({ model, epsilon: 0.1, replicates: 100, settings, ...asked }).works[0].needs);
    const one = references({});
    expect(references({ epsilon: 0.01, replicates: 7 })).toBe(one);
    expect(references({ settings: { ...settings, level: 0.5, testFunctions: ['x^4'] } })).toBe(one);
    expect(references({ seed: 2 })).not.toBe(one);
    expect(references({ parameters: { b: 2 } })).not.toBe(one);
    expect(references({ settings: { ...settings, reference: { ...settings.reference, duration: 200 } } })).not.toBe(one);
    // Works of one cell need it once each.
    const { works } = planCell({ model, epsilon: 0.1, replicates: 100, settings });
    expect(works.map(({ needs }) => JSON.stringify(needs))).toEqual(works.map(() => one));
  });

  test('counts paths that leave its grid', () => {
    const narrow = { ...settings, reference: { ...settings.reference, duration: 5, range: { x: [0.6, 1.2] } } };
    const { failures } = runCell({ model, epsilon: 0.1, replicates: 200, settings: narrow });
    expect(failures['outside-reference']).toBeGreaterThan(20);
  });
});

describe('failures', () => {
  test('of paths are counted by kind and left out', () => {
    const explosive = { slow: { x: { drift: 'x^3', noise: 1, start: 1 } }, fast: { y: { drift: '-y', noise: 1 } }, truth: { drift: { x: 'x^3' } } };
    const { failures, count } = runCell({ model: explosive, epsilon: 0.5, replicates: 300, settings: { horizon: 1 } });
    expect(failures['non-finite']).toBeGreaterThan(10);
    expect(count).toBeLessThan(300);
    const bounded = runCell({ model: LINEAR.model, epsilon: 0.1, replicates: 300, settings: { bounds: { x: [0.5, 1.5] } } });
    expect(bounded.failures['out-of-bounds']).toBeGreaterThan(10);
    expect(bounded.count).toBeGreaterThan(10);
  });
});

describe('what theory expects', () => {
  const ordersIn = (data: JsonObject) => ordersOf(readModel(documentOf(data)));

  test('is ½ and 1 for the shipped models, but where the noise is averaged or ε is read', () => {
    for (const name of ['linear', 'double-well', 'coupled', 'triad', 'tagged-particle', 'lorenz96']) {
      expect(ordersIn(shipped(name)).strong.expected, name).toBe(0.5);
      expect(ordersIn(shipped(name)).sup.expected, name).toBe(0.5);
      expect(ordersIn(shipped(name)).weak.expected, name).toBe(1);
    }
    expect(ordersIn(shipped('multiplicative')).strong.expected).toBeUndefined();
    expect(ordersIn(shipped('multiplicative')).weak.expected).toBe(1);
    expect(ordersIn(shipped('langevin-periodic')).strong.expected).toBeUndefined();
    expect(ordersIn(shipped('langevin-periodic')).weak.expected).toBeUndefined();
  });

  test('is nothing weak where a process acts on slow and fast variables both', () => {
    const orders = ordersIn({
      slow: { x: { drift: '-x + y', noise: { common: 1 } } },
      fast: { y: { drift: '-y', noise: { common: 1 } } },
      truth: { drift: { x: '-x' } },
    });
    expect(orders.strong.expected).toBe(0.5);
    expect(orders.weak).toEqual({ next: 0.5 });
  });

  test('a difference with a Brownian part has a maximum of step order ½', () => {
    for (const [noise, order] of [
      ['0.5', 1],
      ['0.5 + t', 1],
      ['1 + x', 0.5],
      ['1 + y', 0.5],
    ] as const) {
      const model = readModel(documentOf({ slow: { x: { drift: '-x', noise } }, fast: { y: { drift: '-y', noise: 1 } } }));
      expect(supStepOrder(model), noise).toBe(order);
    }
  });
});

describe('orders', () => {
  const cell = (epsilon: number, estimate: number, axes = {}): CellResult => ({
    axes: { epsilon, step: epsilon / 20, scheme: 'euler-maruyama', ...axes },
    count: 1,
    failures: {},
    metrics: {
      'weak-error x': {
        estimate,
        low: 0,
        high: 0,
        level: 0.95,
        standardError: 0.001 * Math.abs(estimate),
        systematic: 0,
        atStep: 0,
        budget: { monteCarlo: 0, step: 0, reference: 0 },
        orders: { expected: 1, next: 1 },
      } as never,
    },
  });
  const VALUES = [0.1, 0.05, 0.025, 0.0125, 0.00625];

  test('are fitted for each value of the axes that do not follow from ε, to the size of errors that are negative', () => {
    const cells = VALUES.flatMap((epsilon) => [cell(epsilon, -2 * epsilon, { b: 1 }), cell(epsilon, 3 * epsilon ** 0.5, { b: 2 })]);
    const fits = fitOrders(cells, new Set(['step']), 0.95, 'epsilon');
    expect(fits.map(({ where }) => where)).toEqual([
      { scheme: 'euler-maruyama', b: 1 },
      { scheme: 'euler-maruyama', b: 2 },
    ]);
    expect(fits[0].slope).toBeCloseTo(1, 6);
    expect(fits[0].constant).toBeCloseTo(2, 5);
    expect(fits[1].slope).toBeCloseTo(0.5, 6);
    expect(fits.map(({ expected }) => expected)).toEqual([1, 1]);
  });

  test('are not fitted to one value', () => {
    expect(fitOrders([cell(0.1, 1)], new Set(['step']), 0.95, 'epsilon')).toEqual([]);
  });
});

test('effort is the share of the replicates that a cell gets', () => {
  const { works } = planCell({ model: LINEAR.model, epsilon: 0.1, replicates: 10_000, settings: { effort: 0.25, check: { fraction: 0.1 } } });
  expect(works.map(({ replicates }) => replicates)).toEqual([2500, 250]);
});
