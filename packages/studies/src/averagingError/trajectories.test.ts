import { documentOf } from '@ergoflow/input';
import { type Column, gatherRows, type JsonObject, type Outcome, type Table } from '@ergoflow/runner';
import { parameterValues, readModel } from '@ergoflow/sde';
import { expect, test } from 'vitest';
import { oneAndOne } from '../fixtures/linearModels.ts';
import { averagingError } from './averagingError.ts';
import { MOMENTS } from './tasks.ts';

const LINEAR = oneAndOne('linear', { a: 1, b: 1, k: 0.5, gamma: 1, sigma: 0.5, alpha: 1, start: 1 });

function run(
  model: JsonObject,
  settings: JsonObject,
  replicates: number,
): { readonly paths: Outcome; readonly kept: Outcome; readonly table: Table | undefined } {
  const read = readModel(documentOf(model));
  const { works } = averagingError.plan(
    {
      cell: { axes: { epsilon: 0.2, step: 0.01, scheme: 'euler-maruyama' } },
      model: read,
      modelData: model,
      parameters: parameterValues(read, new Map()),
      settings: averagingError.settings.parse(settings),
    },
    replicates,
    1,
    ['trajectories'],
  );
  const rows = gatherRows();
  const outcome = (kind: string): Outcome => {
    const work = works.find((other) => other.kind === kind) as (typeof works)[number];
    const { parameters } = work;
    return averagingError.tasks[kind]({ study: averagingError.name, kind, parameters, from: 0, to: work.replicates, inputs: [] }, rows.keep);
  };
  return { paths: outcome('paths'), kept: outcome('trajectories'), table: rows.tables().get('trajectories') };
}

const columnsOf = (table: Table | undefined): Map<string, number[]> =>
  new Map((table?.columns ?? []).map(({ name, values }: Column) => [name, [...values] as number[]]));
const column = (columns: Map<string, number[]>, name: string): number[] => columns.get(name) as number[];

test('are those of the very replicates that the errors are made of', () => {
  const { paths, table } = run(LINEAR.model, { trajectories: { replicates: 16, every: 0.25 } }, 16);
  const columns = columnsOf(table);
  expect([...columns.keys()]).toEqual(['replicate', 'time', 'x', 'x averaged']);
  expect([...new Set(column(columns, 'time'))]).toEqual([0, 0.25, 0.5, 0.75, 1]);
  const [x, averaged] = ['x', 'x averaged'].map((name) => column(columns, name).slice(-16));
  const square = x.reduce((total, value, k) => total + (value - averaged[k]) ** 2, 0);
  // The first observable is the squared distance at the horizon.
  const sum = paths.moments[MOMENTS].sums[0].reduce((total, part) => total + part, 0);
  expect(square).toBeCloseTo(sum, 12);
});

test('of a path that is lost have no row after it was', () => {
  const explosive = { slow: { x: { drift: 'x^3', noise: 1, start: 1 } }, fast: { y: { drift: '-y', noise: 1 } }, truth: { drift: { x: 'x^3' } } };
  const { kept, table } = run(explosive, { horizon: 1, trajectories: { replicates: 40, every: 0.01 } }, 40);
  const columns = columnsOf(table);
  expect(kept.failures.length).toBeGreaterThan(3);
  for (const name of ['x', 'x averaged']) expect(column(columns, name).every(Number.isFinite)).toBe(true);
  const rows = new Map<number, number>();
  for (const replicate of column(columns, 'replicate')) rows.set(replicate, (rows.get(replicate) ?? 0) + 1);
  const lost = new Map(kept.failures.map(({ replicate, step }) => [replicate, step]));
  for (let replicate = 0; replicate < 40; replicate++) {
    // Step s is the one after which the loss is seen: s + 1 rows are good, the start included.
    const step = lost.get(replicate);
    expect(rows.get(replicate)).toBe(step === undefined ? 101 : step + 1);
  }
});
