import { fileURLToPath } from 'node:url';
import { documentOf, readYamlFile } from '@ergoflow/input';
import { describe, expect, test } from 'vitest';
import type { Model } from '../model/model.ts';
import { parameterValues } from '../model/parameters.ts';
import { readModel } from '../model/readModel.ts';
import { type StationaryAverages, type StationaryOptions, stationaryAverages } from './stationaryAverages.ts';

const shipped = (name: string): Model => readModel(readYamlFile(fileURLToPath(new URL(`../../../../models/${name}.yaml`, import.meta.url))));
const read = (data: unknown): Model => readModel(documentOf(data as never));
const solve = (model: Model, slow: readonly number[], rest: Partial<StationaryOptions> = {}): StationaryAverages =>
  stationaryAverages({ model, parameters: parameterValues(model), slow, ...rest });
const within = (law: StationaryAverages, name: string, truth: number, atMost: number): void => {
  const { value, error } = law.averages.get(name) as { value: number; error: number };
  expect(error, `${name} ${value} ± ${error}`).toBeLessThan(atMost);
  expect(Math.abs(value - truth), `${name} ${value} ± ${error} against ${truth}`).toBeLessThanOrEqual(error + 1e-12);
};

describe('closed forms of the shipped models lie within the stated errors', () => {
  // docs/models.md, section 8, at x = 0.8.
  const triad = (0.75 * 0.8) / (1 + 2 * 0.64) - 0.4;
  test.each([
    ['linear', 'drift x', -0.4],
    ['multiplicative', 'drift x', 0.8 - 0.512],
  ] as const)('%s, by every method for one component', (name, coefficient, truth) => {
    for (const method of ['gaussian', 'gradient', 'quadrature', 'fokker-planck'] as const) {
      within(solve(shipped(name), [0.8], { method }), coefficient, truth, 1e-8);
    }
  });

  test('triad: not reversible, by the Lyapunov and the Fokker–Planck equation', () => {
    within(solve(shipped('triad'), [0.8]), 'drift x', triad, 1e-9);
    within(solve(shipped('triad'), [0.8], { method: 'fokker-planck', cells: 96 }), 'drift x', triad, 2e-3);
    expect(() => solve(shipped('triad'), [0.8], { method: 'gradient' })).toThrow('one that gradient can solve');
  });

  test('coupled: the same from the normal law, from quadrature and from the Fokker–Planck equation', () => {
    const model = shipped('coupled');
    const exact = parameterValues(model);
    const [a, k, alpha] = ['a', 'k', 'alpha'].map((name) => exact.get(name) as number);
    const truth = a * 0.8 - (k * 0.8) ** 3 - (3 * k * 0.8 * alpha ** 2) / (2 * (1 + 0.64));
    for (const method of ['gaussian', 'gradient', 'quadrature', 'fokker-planck'] as const)
      within(solve(model, [0.8], { method }), 'drift x', truth, 1e-8);
  });
});

describe('one component against the quadrature formula', () => {
  const models: [string, Model][] = [
    ['two wells', read({ slow: { x: { drift: 'y^2 + y' } }, fast: { y: { drift: 'y - y^3 + x', noise: 1 } } })],
    [
      'noise that grows',
      read({ slow: { x: { drift: 'y^2', noise: '1 + 0.1*y' } }, fast: { y: { drift: 'y - y^3 + x', noise: { W: 'sqrt(1 + y^2/2)' } } } }),
    ],
    ['a law far from the origin, 1e-3 wide', read({ slow: { x: { drift: 'y' } }, fast: { y: { drift: '-(y - 1000*x)', noise: 0.001 } } })],
  ];
  test.each(models)('%s: the Fokker–Planck solution is off by less than it says', (_, model) => {
    const exact = solve(model, [0.3], { method: 'quadrature' });
    const law = solve(model, [0.3], { method: 'fokker-planck' });
    for (const [name, { value }] of exact.averages) within(law, name, value, 1e-6);
    expect(law.masses.every((mass) => mass >= 0)).toBe(true);
    expect(law.masses.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
    expect(law.tailMass).toBeLessThan(1e-10);
  });

  test('the error falls as the square of the cell: extrapolation gains a factor of more than 100 at 400 cells', () => {
    const model = models[0][1];
    const truth = solve(model, [0.3], { method: 'quadrature' }).averages.get('drift x')?.value as number;
    const raw = (cells: number): number => {
      const { points, masses } = solve(model, [0.3], { method: 'fokker-planck', cells });
      return masses.reduce((sum, mass, k) => sum + mass * (points[0][k] ** 2 + points[0][k]), 0) - truth;
    };
    expect(raw(200) / raw(400)).toBeGreaterThan(3.9);
    expect(raw(200) / raw(400)).toBeLessThan(4.1);
    const extrapolated = (solve(model, [0.3], { method: 'fokker-planck', cells: 400 }).averages.get('drift x')?.value as number) - truth;
    expect(Math.abs(raw(400) / extrapolated)).toBeGreaterThan(100);
  });

  test('a law with power tails, density (1 + y²)⁻³, is integrated within its error', () => {
    const model = read({ slow: { x: { drift: 'y^2' } }, fast: { y: { drift: '-2*y', noise: 'sqrt(1 + y^2)' } } });
    for (const method of ['quadrature', 'fokker-planck'] as const) within(solve(model, [0], { method }), 'drift x', 1 / 3, 2e-3);
  });
});

describe('two components', () => {
  test('correlated noise: the solution in rotated coordinates is that of the Lyapunov equation', () => {
    const model = read({
      slow: { x: { drift: 'y*z' } },
      fast: { y: { drift: '-y', noise: { W: 1, y: 0.3 } }, z: { drift: '-2*z + y', noise: { W: 0.5 } } },
    });
    // C11 = 1.09/2; 3 C12 = C11 + 0.5.
    for (const [method, atMost] of [
      ['gaussian', 1e-9],
      ['fokker-planck', 1e-3],
    ] as const)
      within(solve(model, [0], { method, cells: 96 }), 'drift x', (0.545 + 0.5) / 3, atMost);
  });

  test('a gradient of one quartic and one quadratic coordinate, coupled: agrees with exp(-2V/α²), found by rays', () => {
    const model = read({
      slow: { x: { drift: '1/(1 + y^2 + z^2)' } },
      fast: { y: { drift: 'y - y^3 - 0.5*z', noise: 1 }, z: { drift: '-z - 0.5*y', noise: 1 } },
    });
    const gradient = solve(model, [0]);
    expect(gradient.method).toBe('gradient');
    within(solve(model, [0], { method: 'fokker-planck', cells: 96 }), 'drift x', gradient.averages.get('drift x')?.value as number, 1e-3);
    expect(gradient.averages.get('drift x')?.error).toBeLessThan(1e-6);
  });
});

describe('what cannot be solved is told', () => {
  const refused: [string, Model, Partial<StationaryOptions>, string][] = [
    [
      'a direction without noise',
      read({ slow: { x: { drift: 'y' } }, fast: { y: { drift: 'p - y^3' }, p: { drift: '-p - y', noise: 1 } } }),
      {},
      'act in every direction',
    ],
    ['many components', shipped('tagged-particle'), {}, 'use ergodic averages'],
    ['equations that read epsilon', shipped('langevin-periodic'), {}, 'must not read epsilon'],
    ['odd numbers of cells', shipped('linear'), { cells: 17 }, 'cells must be a multiple of 4 from 16 on, got 17'],
    ['an unstable process', read({ slow: { x: { drift: 'y' } }, fast: { y: { drift: 'y', noise: 1 } } }), {}, 'positive definite'],
  ];
  test.each(refused)('%s', (_, model, options, message) => {
    expect(() => solve(model, [0.5], options)).toThrow(message);
  });
});
