import type { CellResult, Study } from '@ergoflow/studies';
import { expect, test } from 'vitest';
import { cellTables } from './cellTables.ts';

const study = { name: 'demo', axes: { epsilon: { about: 'scale', kind: 'positive' } } } as unknown as Study;

function cell(epsilon: number, at: readonly number[]): CellResult {
  const columns = [
    { name: 'of', meaning: 'what', values: at.map(() => 'x') },
    { name: 'at', meaning: 'where', values: Float64Array.from(at) },
  ];
  return {
    axes: { epsilon },
    count: 1,
    failures: {},
    metrics: {},
    ...(at.length === 0 ? {} : { tables: { density: { meaning: 'densities', columns } } }),
  };
}

test('tables of one name are one table, each row with the axes of its cell', () => {
  const joined = cellTables(study, [cell(0.1, [1, 2]), cell(0.2, []), cell(0.3, [5])]);
  expect([...joined.keys()]).toEqual(['density']);
  const table = joined.get('density');
  expect(table?.meaning).toBe('study demo: densities');
  expect(table?.columns.map(({ name, meaning, values }) => [name, meaning, values])).toEqual([
    ['epsilon', 'scale', Float64Array.of(0.1, 0.1, 0.3)],
    ['of', 'what', ['x', 'x', 'x']],
    ['at', 'where', Float64Array.of(1, 2, 5)],
  ]);
});

test('cells without tables leave none', () => expect(cellTables(study, [cell(0.1, [])]).size).toBe(0));
