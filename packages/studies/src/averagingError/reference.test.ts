import { fileURLToPath } from 'node:url';
import { documentOf, readYamlFile } from '@ergoflow/input';
import { compile, graphBuilder, type Node, program } from '@ergoflow/kernels';
import { type JsonObject, momentsAccumulator } from '@ergoflow/runner';
import {
  type AverageSource,
  averagedEquation,
  coefficientsOf,
  type GridAxis,
  type Model,
  parameterUniforms,
  parameterValues,
  readModel,
  tableUniform,
} from '@ergoflow/sde';
import { describe, expect, test } from 'vitest';
import { planCell } from '../fixtures/runCell.ts';
import { outcomeOf } from '../fixtures/studyRuns.ts';
import { studentQuantile } from '../quantiles.ts';
import { averagingError } from './averagingError.ts';
import { BATCHES } from './estimate.ts';
import { gridAxes, type ReferenceSettings, rangeLayout, referenceLayout, referenceTables } from './reference.ts';
import { MOMENTS } from './tasks.ts';

const shipped = (name: string): JsonObject =>
  readYamlFile(fileURLToPath(new URL(`../../../../models/${name}.yaml`, import.meta.url))).value as JsonObject;

/** Drift and squared noise of an averaged equation of one slow variable, at points. */
function coefficientsAt(model: Model, source: AverageSource, tables: Readonly<Record<string, Float64Array>>, xs: readonly number[]): number[][] {
  const g = graphBuilder();
  const equations = averagedEquation(model, source);
  const state = new Map([['x', g.state('x')]]);
  const drift = equations.drift(g, state, g.constant(0)).get('x') as Node;
  let square: Node = g.constant(0);
  for (const { coefficient } of equations.noise(g, state, g.constant(0))) square = g.add(square, g.multiply(coefficient, coefficient));
  const kernel = compile(
    program([
      { name: 'x', width: 1, next: null },
      { name: 'drift', width: 1, next: drift },
      { name: 'square', width: 1, next: square },
    ]),
  );
  const states = { x: Float64Array.from(xs), drift: new Float64Array(xs.length), square: new Float64Array(xs.length) };
  const uniforms = { ...parameterUniforms(parameterValues(model, new Map())), ...tables };
  kernel.run({ lanes: xs.length, steps: 1, firstStep: 0, uniforms, states, streams: {} });
  return [[...states.drift], [...states.square]];
}

const XS = Array.from({ length: 41 }, (_, k) => -1.4 + 0.07 * k);

// False-alarm rate 1e-6 for each model and coefficient: its errors at all x come of one draw of the chains.
const QUANTILE = studentQuantile(1 - 0.5e-6, BATCHES.length - 1);

test.each([
  ['linear', 0.5],
  ['multiplicative', 0.5],
  ['coupled', 0.6],
  ['triad', 0.8],
  ['double-well', 0.15],
  ['tagged-particle', 0.9],
])('%s: the averaged equation from ergodic averages is that from closed forms, within its stated errors', (name, seen) => {
  const data = shipped(name);
  const model = readModel(documentOf(data));
  const settings = { reference: { from: 'ergodic', chains: 64, duration: 100, nodes: 15, range: { x: [-1.5, 1.5] } } };
  const { works } = planCell({ model: data, epsilon: 0.1, replicates: 10, settings });
  const records = works[0].needs.map((work) => outcomeOf(averagingError, work).moments[MOMENTS]);
  const reference: ReferenceSettings = { step: 0.05, duration: 100, nodes: 15, range: [[-1.5, 1.5]] };
  const tables = referenceTables(model, reference, records);
  const axes: GridAxis[] = gridAxes(model, reference, undefined);
  const read = (which: string): number[][] => coefficientsAt(model, { kind: 'grid', axes, tables: which }, tables, XS);
  const truth = coefficientsAt(model, { kind: 'truth' }, {}, XS);
  const value = read('averaged');
  const moved = BATCHES.map(read);
  const bounds = ['scheme', 'interpolation'].map(read);
  for (const c of [0, 1]) {
    for (const k of XS.keys()) {
      const statistical = Math.sqrt(moved.reduce((total, table) => total + (table[c][k] - value[c][k]) ** 2, 0));
      const bound = bounds.reduce((total, table) => total + Math.abs(table[c][k] - value[c][k]), 0);
      const error = Math.abs(value[c][k] - truth[c][k]);
      expect(error, `${c === 0 ? 'drift' : 'squared noise'} at ${XS[k]}: ${value[c][k]} for ${truth[c][k]}`).toBeLessThanOrEqual(
        QUANTILE * statistical + bound + 1e-12,
      );
      expect(QUANTILE * statistical + bound).toBeLessThan(seen);
    }
  }
});

describe('tables', () => {
  const model = readModel(documentOf({ slow: { x: { drift: 'y', noise: 0.5 } }, fast: { y: { drift: '-y', noise: 1 } } }));
  const reference: ReferenceSettings = { step: 0.1, duration: 1, nodes: 9, range: [[0, 8]] };
  const batch = (value: (node: number) => number, step: (node: number) => number) => {
    const accumulator = momentsAccumulator(referenceLayout(model, 9));
    accumulator.add(Float64Array.from([...Array.from({ length: 9 }, (_, k) => value(k)), ...Array.from({ length: 9 }, (_, k) => step(k))]));
    return accumulator.record();
  };
  const table = (tables: Readonly<Record<string, Float64Array>>, which: string): number[] => [...tables[tableUniform(which, 'drift x')]];

  test('are the mean of the batches, each batch’s share of its deviation, and signed bounds', () => {
    expect(coefficientsOf(model).map(({ name }) => name)).toEqual(['drift x']);
    const shape = (k: number): number => 1 + k - 0.1 * k * k;
    const tables = referenceTables(
      model,
      reference,
      BATCHES.map((_, b) =>
        batch(
          (k) => shape(k) + (b - 3.5) * (k - 4),
          () => -2,
        ),
      ),
    );
    for (let k = 0; k < 9; k++) {
      const middle = table(tables, 'averaged')[k];
      expect(middle).toBeCloseTo(shape(k), 12);
      // Variance of the mean of eight: Σ (b - 3.5)²/(8·7) = 42/56.
      const spread = BATCHES.reduce((total, name) => total + (table(tables, name)[k] - middle) ** 2, 0);
      expect(spread).toBeCloseTo(0.75 * (k - 4) ** 2, 10);
      // Whole tables are moved: where the error changes its sign along x, so does the table.
      expect(Math.sign(table(tables, BATCHES[0])[k] - middle)).toBe(Math.sign(4 - k));
      expect(table(tables, 'scheme')[k] - middle).toBeCloseTo(-0.2, 12);
      // A parabola is interpolated exactly.
      expect(table(tables, 'interpolation')[k] - middle).toBeCloseTo(0, 12);
    }
  });

  test('of a quartic know the error of cubic interpolation between their nodes, within the share that depends on the place', () => {
    const tables = referenceTables(
      model,
      reference,
      BATCHES.map(() =>
        batch(
          (k) => k ** 4,
          () => 0,
        ),
      ),
    );
    // x⁴ less the cubic through four nodes around the middle of two is 9/16 there.
    for (let k = 0; k < 9; k++) expect(table(tables, 'interpolation')[k] - k ** 4).toBeCloseTo((-9 / 16) * (16 / 15), 9);
  });

  test('are refused where chains failed, and a grid where all pilots did', () => {
    const empty = momentsAccumulator(referenceLayout(model, 9)).record();
    expect(() =>
      referenceTables(model, reference, [
        ...BATCHES.slice(1).map(() =>
          batch(
            () => 0,
            () => 0,
          ),
        ),
        empty,
      ]),
    ).toThrow('chains of the frozen fast process failed');
    const pilot = momentsAccumulator(rangeLayout(model)).record();
    expect(() => gridAxes(model, { ...reference, range: null }, pilot)).toThrow('give reference.range');
  });

  test('reach half as far again as the pilots on both sides', () => {
    const accumulator = momentsAccumulator(rangeLayout(model));
    accumulator.add(Float64Array.of(-1, 2));
    accumulator.add(Float64Array.of(0.5, 3));
    expect(gridAxes(model, { ...reference, range: null }, accumulator.record())).toEqual([{ low: -3, high: 5, count: 9 }]);
  });
});
