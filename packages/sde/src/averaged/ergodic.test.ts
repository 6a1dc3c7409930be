import { documentOf } from '@ergoflow/input';
import { assertMean } from '@ergoflow/testing';
import { describe, expect, test } from 'vitest';
import type { Model } from '../model/model.ts';
import { parameterValues } from '../model/parameters.ts';
import { readModel } from '../model/readModel.ts';
import { eulerMaruyama } from '../schemes/eulerMaruyama.ts';
import type { Scheme } from '../schemes/scheme.ts';
import { SCHEMES } from '../schemes/table.ts';
import { type ErgodicOptions, ergodicAverages, gridNodes } from './ergodic.ts';

const read = (data: unknown): Model => readModel(documentOf(data as never));

function averages(model: Model, options: Partial<ErgodicOptions>) {
  return ergodicAverages({
    model,
    parameters: parameterValues(model, new Map()),
    scheme: eulerMaruyama,
    step: 0.05,
    duration: 50,
    axes: [{ low: -1, high: 1, count: 5 }],
    from: 0,
    to: 16,
    meaning: ['ergodic test'],
    ...options,
  });
}

/** The averages of all chains at a node. */
const atNode = (table: Float64Array | undefined, count: number, node: number): Float64Array =>
  (table as Float64Array).filter((_, k) => k % count === node);

describe('the scheme’s bias', () => {
  const model = read({ slow: { x: { drift: 'y^2 - x' } }, fast: { y: { drift: '-y', noise: 1 } } });
  // The Euler–Maruyama chain y' = (1 - h) y + √h ξ has the stationary variance v(h) = ½/(1 - h/2).
  const v = (h: number): number => 0.5 / (1 - h / 2);

  test('is that of the chain at h and h/2, and its first order is taken off', () => {
    const h = 0.4;
    const { extrapolated, stepDifference, failures } = averages(model, { step: h, duration: 200, to: 1000 });
    expect(failures).toEqual([]);
    // False-alarm rate 1e-6 each. Without the extrapolation the average would be v(h/2) = 0.556, off by 0.07.
    assertMean(
      atNode(extrapolated.get('drift x'), 5, 4).map((value) => value + 1),
      2 * v(h / 2) - v(h),
      { detects: 0.03 },
    );
    assertMean(atNode(stepDifference.get('drift x'), 5, 0), v(h / 2) - v(h), { detects: 0.01 });
  });
});

test('averages are of each coefficient at each node: drift, and noise that depends on the fast variable', () => {
  const model = read({
    slow: { x: { drift: 'x*y + z', noise: { W: '1 + y' } }, z: { drift: 'y - z', noise: { W: 'x', z: 2 } } },
    fast: { y: { drift: '-y', noise: 1 } },
  });
  const axes = [
    { low: -1, high: 1, count: 4 },
    { low: 0, high: 3, count: 4 },
  ];
  const nodes = gridNodes(axes);
  expect(nodes.slice(0, 5).map((node) => [...node])).toEqual([
    [-1, 0],
    [-1, 1],
    [-1, 2],
    [-1, 3],
    [-1 + 2 / 3, 0],
  ]);
  const { extrapolated } = averages(model, { axes, duration: 100, to: 1000 });
  expect([...extrapolated.keys()]).toEqual(['drift x', 'drift z', 'diffusion x x', 'diffusion x z', 'diffusion z z']);
  const k = 6;
  const [x, z] = nodes[k];
  // Against 0.5 for E y²; the rest of the step's bias, h²/8, is below 0.001.
  for (const [name, truth] of [
    ['drift x', z],
    ['drift z', -z],
    ['diffusion x x', 1.5],
    ['diffusion x z', x],
    ['diffusion z z', x * x + 4],
  ] as const) {
    const values = atNode(extrapolated.get(name), 16, k);
    if (name === 'diffusion z z') for (const value of values) expect(value).toBeCloseTo(truth, 12);
    else assertMean(values, truth, { detects: 0.08 });
  }
});

test('chains are independent, named by their number and by what they are for', () => {
  const model = read({ slow: { x: { drift: 'y' } }, fast: { y: { drift: '-y', noise: 1 } } });
  const node = (options: Partial<ErgodicOptions>): number[] => [...atNode(averages(model, options).extrapolated.get('drift x'), 5, 2)];
  const all = node({});
  expect(node({ from: 5, to: 9 })).toEqual(all.slice(5, 9));
  expect(new Set(all).size).toBe(16);
  expect(node({ meaning: ['another'] })).not.toEqual(all);
});

test('nodes of a process that sees the slow variable use the same random numbers: their errors go together', () => {
  const model = read({ slow: { x: { drift: 'y' } }, fast: { y: { drift: '-(y - x)', noise: 1 } } });
  const { extrapolated } = averages(model, {});
  const at = (node: number): Float64Array => atNode(extrapolated.get('drift x'), 5, node);
  // The process at x is that at 0, moved by x.
  for (const [k, value] of at(4).entries()) expect(value - 1).toBeCloseTo(at(2)[k], 9);
});

test('a scheme that needs slow variables leaves the frozen process to its micro-solver', () => {
  const model = read({ slow: { x: { drift: 'y^2' } }, fast: { y: { drift: '-y', noise: 1 } } });
  for (const name of ['projective-integration', 'baoab']) {
    const { extrapolated, failures } = averages(model, { scheme: SCHEMES.get(name) as Scheme, to: 2 });
    expect(failures).toEqual([]);
    for (const value of extrapolated.get('drift x') as Float64Array) expect(Math.abs(value - 0.5)).toBeLessThan(0.5);
  }
});

test('chains that blow up are told', () => {
  const model = read({ slow: { x: { drift: 'y' } }, fast: { y: { drift: 'y^3 - y', noise: 1 } } });
  const { failures } = averages(model, {});
  expect(failures.length).toBeGreaterThan(0);
  expect(failures.every(({ kind }) => kind === 'non-finite')).toBe(true);
});
