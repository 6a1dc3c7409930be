/** Tables of a study's cells, those of one name together, with the cells' axes in front. */
import type { Column, Table } from '@ergoflow/runner';
import type { CellResult, Study } from '@ergoflow/studies';
import { axisColumns } from './metricsTable.ts';

/** Joins the tables of all cells, by name. */
export function cellTables(study: Study, cells: readonly CellResult[]): ReadonlyMap<string, Table> {
  const names = [...new Set(cells.flatMap(({ tables = {} }) => Object.keys(tables)))].sort();
  return new Map(names.map((name) => [name, joined(study, cells, name)]));
}

function joined(study: Study, cells: readonly CellResult[], name: string): Table {
  const parts = cells.flatMap(({ axes, tables = {} }) => (Object.hasOwn(tables, name) ? [{ axes, table: tables[name] }] : []));
  const [{ table: first }] = parts;
  const axes = parts.flatMap(({ axes: own, table }) => Array.from({ length: table.columns[0].values.length }, () => own));
  const columns = first.columns.map((column, k): Column => {
    const values = parts.flatMap(({ table }) => [...table.columns[k].values]);
    return { ...column, values: column.values instanceof Float64Array ? Float64Array.from(values as number[]) : values };
  });
  return { meaning: `study ${study.name}: ${first.meaning}`, columns: [...axisColumns(study, axes), ...columns] };
}
