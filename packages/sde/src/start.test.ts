import { documentOf } from '@ergoflow/input';
import { assertMean, assertVariance } from '@ergoflow/testing';
import { expect, test } from 'vitest';
import type { Model } from './model/model.ts';
import { parameterValues } from './model/parameters.ts';
import { readModel } from './model/readModel.ts';
import { eulerMaruyama } from './schemes/eulerMaruyama.ts';
import { type Resolution, startPaths } from './start.ts';

function started(model: Model, from: number, to: number, options: { unitStep?: number; resolutions?: readonly Resolution[]; seed?: number } = {}) {
  const { unitStep = 0.05, resolutions = [{ name: 'h', substeps: 1 }], seed = 1 } = options;
  const parameters = parameterValues(model, new Map());
  return startPaths({ model, parameters, scheme: eulerMaruyama, epsilon: 0.1, unitStep, from, to, meaning: [seed], resolutions });
}

/** [size × lanes] A variable's start at the one resolution. */
function startOf({ values }: ReturnType<typeof started>, variable: string): Float64Array {
  return (values.get('h') as ReadonlyMap<string, Float64Array>).get(variable) as Float64Array;
}

const read = (data: unknown): Model => readModel(documentOf(data as never));

test('a stationary start has the law of the frozen process as the scheme steps it, around the slow start', () => {
  // y' = y - 2 (y - 0.3 x) h + √h ξ: mean 0.3 x, variance h/(1 - (1 - 2h)²) = 1/(4 (1 - h)).
  const model = read({
    slow: { x: { drift: '-x', start: 2 } },
    fast: { y: { drift: '-2*(y - 0.3*x)', noise: 1 } },
    burnIn: 10,
  });
  const [count, h] = [20_000, 0.1];
  const all = started(model, 0, count, { unitStep: h });
  expect(all.failures).toEqual([]);
  const y = startOf(all, 'y');
  expect(startOf(all, 'x').every((x) => x === 2)).toBe(true);
  // Each 1e-6 false alarms. The variance without the step's share would be 0.25, which is off by 0.028.
  assertMean(y, 0.6, { detects: 0.04 });
  assertVariance(y, 1 / (4 * (1 - h)), { detects: 0.028 });
});

test('resolutions see one Brownian path: fast values at h and h/2 are close, and closer for smaller steps', () => {
  const model = read({ slow: { x: { drift: '-x' } }, fast: { y: { drift: '-y', noise: 1 } } });
  const distance = (unitStep: number): number => {
    const resolutions = [1, 2].map((substeps) => ({ name: `h${substeps}`, substeps }));
    const { values } = started(model, 0, 400, { unitStep, resolutions });
    const [a, b] = resolutions.map(({ name }) => (values.get(name) as ReadonlyMap<string, Float64Array>).get('y') as Float64Array);
    return Math.sqrt(a.reduce((total, value, k) => total + (value - b[k]) ** 2, 0) / a.length);
  };
  const [coarse, fine] = [distance(0.1), distance(0.025)];
  expect(coarse).toBeLessThan(0.1);
  // Additive noise: order 1.
  expect(coarse / fine).toBeGreaterThan(3);
  expect(coarse / fine).toBeLessThan(5.5);
});

test('a fast variable with a start of its own keeps it, and the stationary ones settle around it', () => {
  const model = read({
    slow: { x: { size: 2, drift: '-x', start: 'c*i' } },
    fast: { w: { drift: '-w', noise: 1, start: 4 }, y: { size: 3, drift: '-y', noise: 0 } },
    parameters: { c: 0.5 },
  });
  const all = started(model, 3, 6);
  expect([...startOf(all, 'x')]).toEqual([0.5, 0.5, 0.5, 1, 1, 1]);
  expect([...startOf(all, 'w')]).toEqual([4, 4, 4]);
  expect([...startOf(all, 'y')]).toEqual(new Array(9).fill(0));
});

test('a path’s start depends on its replicate and on what the numbers are for, not on its block', () => {
  const model = read({ slow: { x: { drift: '-x' } }, fast: { y: { drift: '-y', noise: 1 } } });
  const y = (from: number, to: number, seed = 1): number[] => [...startOf(started(model, from, to, { seed }), 'y')];
  expect(y(4, 7)).toEqual(y(0, 10).slice(4, 7));
  expect(y(4, 7, 2)).not.toEqual(y(4, 7));
});

test('paths that the burn-in loses are told with step and time, at unit speed', () => {
  const model = read({ slow: { x: { drift: '-x' } }, fast: { y: { drift: 'y^3', noise: 1 } }, burnIn: 5 });
  const { failures } = started(model, 10, 60, { unitStep: 0.05 });
  expect(failures.length).toBeGreaterThan(0);
  for (const { kind, replicate, step, time } of failures) {
    expect(kind).toBe('non-finite');
    expect(replicate).toBeGreaterThanOrEqual(10);
    expect(time).toBeCloseTo((step + 1) * 0.05, 12);
    expect(time).toBeLessThanOrEqual(5);
  }
});
