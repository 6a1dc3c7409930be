import { documentOf, InputError } from '@ergoflow/input';
import { graphBuilder, program } from '@ergoflow/kernels';
import { expect, test } from 'vitest';
import { kernelOf } from '../simulate.ts';
import { fullSystem } from '../system.ts';
import { readModel } from './readModel.ts';

const cubic = (x: number): number => 1 - x + 0.5 * x ** 2 - 0.25 * x ** 3;
const nodes = (low: number, high: number, count: number): number[] => Array.from({ length: count }, (_, k) => low + (k * (high - low)) / (count - 1));
const MODEL = {
  slow: { x: { drift: 'f(x) + 2*h(x, -z)', noise: 'max(0.1, f(x)^2)' }, z: { drift: 'x' } },
  tables: {
    f: { grid: [{ low: -2, high: 3, count: 6 }], values: nodes(-2, 3, 6).map(cubic) },
    h: {
      grid: [
        { low: 0, high: 1, count: 4 },
        { low: -1, high: 1, count: 5 },
      ],
      values: nodes(0, 1, 4).flatMap((x) => nodes(-1, 1, 5).map((y) => x ** 2 * y ** 3)),
    },
  },
};

function driftAt(x: number, z: number): number {
  const model = readModel(documentOf(MODEL));
  const g = graphBuilder();
  const state = new Map([
    ['x', g.state('x')],
    ['z', g.state('z')],
  ]);
  const drift = fullSystem(model).drift(g, state, g.constant(0)).get('x');
  const made = program([
    { name: 'x', width: 1, next: null },
    { name: 'z', width: 1, next: null },
    { name: 'out', width: 1, next: drift as NonNullable<typeof drift> },
  ]);
  const states = { x: Float64Array.of(x), z: Float64Array.of(z), out: new Float64Array(1) };
  kernelOf(made).run({ lanes: 1, steps: 1, firstStep: 0, uniforms: { epsilon: Float64Array.of(1) }, states, streams: {} });
  return states.out[0];
}

test.each([
  [-2, 0.3],
  [0.5, -0.9],
  [0.123, 0.77],
  [3, 1],
])('a table of a cubic is the cubic, in one direction and in two: at %d, %d', (x, z) => {
  const inside = Math.min(1, Math.max(0, x));
  expect(driftAt(x, z)).toBeCloseTo(cubic(x) + 2 * inside ** 2 * (-z) ** 3, 12);
});

test.each([
  [-9, 0],
  [50, 0],
  [0.5, 4],
])('outside its grid a table has the value at the nearest edge: at %d, %d', (x, z) => {
  const [edge, first, second] = [Math.min(3, Math.max(-2, x)), Math.min(1, Math.max(0, x)), Math.min(1, Math.max(-1, -z))];
  expect(driftAt(x, z)).toBeCloseTo(cubic(edge) + 2 * first ** 2 * second ** 3, 12);
});

test.each([
  [{ slow: { x: { drift: 'g(x)' } } }, 'in slow.x.drift: unknown function "g"'],
  [{ slow: { x: { drift: 'f(x, x)' } } }, 'in slow.x.drift: f takes 1 argument, got 2'],
  [{ tables: { exp: MODEL.tables.f } }, '"exp" cannot be the name of a table: it has a meaning of its own'],
  [{ tables: { x: MODEL.tables.f } }, 'table "x" has the name of another variable: names must differ'],
  [{ tables: { f: { ...MODEL.tables.f, values: [1, 2, 3, 4] } } }, 'tables.f.values has 4 numbers: the grid has 6 nodes'],
  [{ tables: { f: { grid: [{ low: 1, high: 1, count: 4 }], values: [1, 2, 3, 4] } } }, 'tables.f.grid[1] goes from 1 to 1: low must be below high'],
  [{ tables: { f: { grid: [{ low: 0, high: 1, count: 3 }], values: [1, 2, 3] } } }, 'tables.f.grid[1].count must be at least 4, got 3'],
])('a table that cannot be meant is refused: %#', (change, message) => {
  const shape = { slow: { x: { drift: 'f(x)' } }, tables: { f: MODEL.tables.f }, ...change };
  expect(() => readModel(documentOf(shape))).toThrow(InputError);
  expect(() => readModel(documentOf(shape))).toThrow(message);
});
