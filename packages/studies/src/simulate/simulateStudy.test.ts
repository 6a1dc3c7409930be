import { documentOf } from '@ergoflow/input';
import { type Column, gatherRows, type JsonObject, type Outcome, type Table } from '@ergoflow/runner';
import { parameterValues, readModel } from '@ergoflow/sde';
import { expect, test } from 'vitest';
import { simulateStudy } from './simulateStudy.ts';

function simulated(modelData: JsonObject, set: JsonObject, epsilon: number, replicates: number, cut = [0, replicates]): Simulated[] {
  const model = readModel(documentOf(modelData));
  const settings = simulateStudy.settings.parse(set);
  const cell = { axes: { epsilon, step: epsilon / 20, scheme: 'euler-maruyama' } };
  const { works } = simulateStudy.plan({ cell, model, modelData, parameters: parameterValues(model), settings }, replicates, 5, []);
  const { kind, parameters } = works[0];
  return cut.slice(1).map((to, k) => {
    const rows = gatherRows();
    const outcome = simulateStudy.tasks[kind]({ study: 'simulate', kind, parameters, from: cut[k], to, inputs: [] }, rows.keep);
    return { ...outcome, table: rows.tables().get('trajectories') };
  });
}

type Simulated = Outcome & { readonly table: Table | undefined };

const columns = ({ table }: Simulated): ReadonlyMap<string, Column['values']> => new Map(table?.columns.map(({ name, values }) => [name, values]));

const OSCILLATOR: JsonObject = { slow: { x: { size: 2, drift: 'x[i+1] - x[i] + y', start: ['1', '-1'] } }, fast: { y: { drift: '-y', noise: '1' } } };

test('keeps every component at the start, at each time asked for and at the end', () => {
  const [outcome] = simulated(OSCILLATOR, { horizon: 1, every: 0.3 }, 0.1, 3);
  const found = columns(outcome);
  expect([...found.keys()]).toEqual(['replicate', 'time', 'x[1]', 'x[2]', 'y']);
  const times = [...new Set(found.get('time') as Float64Array)];
  expect(times.map((time) => Number(time.toFixed(9)))).toEqual([0, 0.3, 0.6, 0.9, 1]);
  expect((found.get('x[1]') as Float64Array).slice(0, 3)).toEqual(Float64Array.of(1, 1, 1));
  expect((found.get('replicate') as Int32Array).length).toBe(15);
});

test('a path is the same in whatever task it runs', () => {
  const rows = (outcomes: readonly Simulated[]): string[] =>
    outcomes
      .map(columns)
      .flatMap((found) => Array.from(found.get('time') as Float64Array, (_, row) => [...found.values()].map((values) => values[row]).join()))
      .sort();
  expect(rows(simulated(OSCILLATOR, { every: 0.25 }, 0.1, 7, [0, 2, 3, 7]))).toEqual(rows(simulated(OSCILLATOR, { every: 0.25 }, 0.1, 7)));
});

test('rows that do not fit together in memory come in parts, and are the same', () => {
  const wide: JsonObject = { slow: { x: { size: 1000, drift: '-x', start: 'i' } } };
  const [outcome] = simulated(wide, { horizon: 1, every: 0.005 }, 0.1, 10);
  const found = columns(outcome);
  const times = found.get('time') as Float64Array;
  // 2^20 numbers are 104 times of ten paths.
  expect(times.length).toBe(2010);
  expect(times).toEqual(Float64Array.from({ length: 2010 }, (_, row) => Math.floor(row / 10) * 0.005));
  const [first, second] = ['x[1]', 'x[2]'].map((name) => found.get(name) as Float64Array);
  expect(second).toEqual(first.map((value) => 2 * value));
  expect(first.at(-1)).toBeCloseTo((1 - 0.005) ** 200, 12);
});

test('a path that explodes is an outcome with its step and time, and leaves no row that is not a number', () => {
  const [outcome] = simulated({ slow: { x: { drift: 'x^3', noise: '1', start: '1' } } }, { horizon: 2, every: 0.05 }, 0.1, 20);
  expect(outcome.failures.length).toBeGreaterThan(5);
  const found = columns(outcome);
  for (const value of found.get('x') as Float64Array) expect(Number.isFinite(value)).toBe(true);
  for (const { kind, replicate, time } of outcome.failures) {
    expect(kind).toBe('non-finite');
    const own = (found.get('time') as Float64Array).filter((_, row) => found.get('replicate')?.[row] === replicate);
    // The last row lies before the failure, the next time asked for would not.
    expect(Math.max(...own)).toBeLessThan(time);
    expect(Math.max(...own) + 0.05).toBeGreaterThan(time - 0.005 - 1e-9);
  }
});
