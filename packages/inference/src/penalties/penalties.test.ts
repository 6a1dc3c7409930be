/** Each penalty on samples of a law that moments are known of, computed a second time by plain loops. */
import { documentOf } from '@ergoflow/input';
import { compileTraining, gradient, tensorBuilder, trainingProgram } from '@ergoflow/kernels';
import { readModel } from '@ergoflow/sde';
import { describe, expect, it } from 'vitest';
import { normalSource } from '../fit/normals.ts';
import type { PenaltyChoice } from '../fit/types.ts';
import type { LawTensors } from './penalty.ts';
import { PENALTIES, penaltyOf } from './table.ts';

const LANES = 64;
const model = readModel(
  documentOf({
    slow: { x: { drift: '-x + y', noise: 1 } },
    fast: { y: { drift: '-k*y', noise: { W: 1 } }, z: { drift: 'y - z', noise: { W: 0.5, z: 'sqrt(1 + y^2)' } } },
    parameters: { k: 2 },
  } as never),
);
const normals = normalSource(['penalties'], 2, LANES).at(0).slice();
const [y, z] = [normals.slice(0, LANES).map((value) => 0.3 + 0.7 * value), normals.slice(LANES).map((value) => 1.5 * value - 0.2)];
const logDensity = normals.slice(0, LANES).map((value, k) => -(value * value + normals[LANES + k] ** 2) / 2 - 1);
const logRatio = logDensity.map((value, k) => value + 0.1 * y[k]);

const mean = (values: ArrayLike<number>, from = 0, to = values.length): number => {
  let total = 0;
  for (let k = from; k < to; k++) total += values[k];
  return total / (to - from);
};
const product = (values: Float64Array): number => mean(values, 0, LANES / 2) * mean(values, LANES / 2, LANES);

/** Value of a penalty and its derivative by a shift of all samples of y. */
function evaluate(choice: PenaltyChoice, hasDensity = true, shift = 0): { value: number; slope: number } {
  const g = tensorBuilder();
  const lane = (name: string) => g.input(name, { lanes: true, rows: 1, columns: 1 });
  const moved = g.input('shift', { lanes: false, rows: 1, columns: 1 });
  const fast = { y: g.add(lane('y'), moved), z: lane('z') };
  const average = (tensor: Parameters<LawTensors['mean']>[0]) =>
    g.multiply(g.sumLanes(tensor.lanes ? tensor : g.broadcast(tensor, { lanes: true, rows: 1, columns: 1 })), g.constant(1 / LANES));
  const law: LawTensors = {
    model,
    fast,
    slow: {},
    parameters: { k: g.constant(2) },
    value: g.concatenateRows([fast.y, fast.z]),
    logDensity: hasDensity ? g.add(lane('logDensity'), g.multiply(g.constant(0), fast.y)) : null,
    logRatio: hasDensity ? g.add(lane('logRatio'), g.multiply(g.constant(0), fast.y)) : null,
    mean: average,
    squaredMean: (tensor) => {
      const halves = g.multiply(g.sumLanes(tensor, 2), g.constant(2 / LANES));
      return g.multiply(g.gatherRows(halves, [0]), g.gatherRows(halves, [1]));
    },
  };
  const value = penaltyOf(choice)(g, law);
  const [slope] = gradient(g, value, [moved]);
  const kernel = compileTraining(trainingProgram({ value, slope }), { lanes: LANES, precision: 'float64', target: 'reference' });
  for (const [name, values] of Object.entries({ y, z, logDensity, logRatio, shift: [shift] }))
    if (Object.hasOwn(kernel.inputs, name)) kernel.inputs[name].set(values);
  kernel.run();
  return { value: kernel.outputs.value[0], slope: kernel.outputs.slope[0] };
}

/** A f of y, y², z, z², z y, by hand: β = (-2 y, y - z), ααᵀ = (1, ½; ½, ¼ + 1 + y²). */
function generator(shift: number): Float64Array[] {
  const at = (f: (y: number, z: number) => number): Float64Array => y.map((value, k) => f(value + shift, z[k]));
  return [
    at((a) => -2 * a),
    at((a) => -4 * a * a + 1),
    at((a, b) => a - b),
    at((a, b) => 2 * b * (a - b) + 1.25 + a * a),
    at((a, b) => (a - b) * a + -2 * a * b + 0.5),
  ];
}

const EXPECTED: Readonly<Record<string, { choice: PenaltyChoice; value: number }>> = {
  'moment of order 2': { choice: { kind: 'moment', order: 2, weight: 1 }, value: mean(y.map((a, k) => a * a + z[k] ** 2)) },
  'moment of order 4': { choice: { kind: 'moment', order: 4, weight: 1 }, value: mean(y.map((a, k) => (a * a + z[k] ** 2) ** 2)) },
  'moment of order 1': { choice: { kind: 'moment', order: 1, weight: 1 }, value: mean(y.map((a, k) => Math.sqrt(a * a + z[k] ** 2 + 1e-12))) },
  entropy: { choice: { kind: 'entropy', weight: 1 }, value: mean(logDensity) },
  'relative-entropy': { choice: { kind: 'relative-entropy' }, value: mean(logRatio) },
  stationarity: {
    choice: { kind: 'stationarity', weight: 1 },
    value: generator(0).reduce((total, term) => total + product(term) / (mean(term.map((a) => a * a)) + 1e-12), 0),
  },
  constraint: {
    choice: { kind: 'constraint', function: 'k*y^2 + z', value: 0.4, weight: 1 },
    value: product(y.map((a, k) => 2 * a * a + z[k] - 0.4)),
  },
};

describe('a penalty', () => {
  it.each(Object.keys(EXPECTED))('%s has the value of its formula', (name) => {
    const { choice, value } = EXPECTED[name];
    expect(Math.abs(evaluate(choice).value - value)).toBeLessThan(1e-12 * Math.max(1, Math.abs(value)));
  });

  it.each(['moment of order 2', 'moment of order 4', 'moment of order 1', 'constraint'])('%s has the gradient of central differences', (name) => {
    const { choice } = EXPECTED[name];
    const h = 2 ** -17;
    const difference = (evaluate(choice, true, h).value - evaluate(choice, true, -h).value) / (2 * h);
    expect(Math.abs(evaluate(choice).slope - difference)).toBeLessThan(1e-7 * Math.max(1, Math.abs(difference)));
  });

  it('stationarity is differentiated at fixed scales', () => {
    const h = 2 ** -17;
    const scales = generator(0).map((term) => mean(term.map((a) => a * a)) + 1e-12);
    const at = (shift: number): number => generator(shift).reduce((total, term, k) => total + product(term) / scales[k], 0);
    expect(Math.abs(evaluate(EXPECTED.stationarity.choice).slope - (at(h) - at(-h)) / (2 * h))).toBeLessThan(1e-7);
  });

  it('is listed for every kind, and those of densities refuse a law without one', () => {
    expect(Object.keys(PENALTIES).sort()).toEqual(['constraint', 'entropy', 'moment', 'relative-entropy', 'stationarity']);
    for (const kind of ['entropy', 'relative-entropy'] as const)
      expect(() => evaluate({ kind, weight: 1 }, false)).toThrow(`penalty ${kind} must have a flow with a density`);
    expect(() => penaltyOf({ kind: 'moment', order: 0, weight: 1 })).toThrow('must be > 0, got 0');
    expect(() => penaltyOf({ kind: 'stationarity', degree: 1.5, weight: 1 })).toThrow('whole number ≥ 1, got 1.5');
  });
});
