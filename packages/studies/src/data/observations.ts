/** Observed slow paths from a data file: a column for the time, one for each slow component, and if there are several paths one that tells them apart. */

import { statSync } from 'node:fs';
import type { ObservedPath } from '@ergoflow/inference';
import { InputError } from '@ergoflow/input';
import { offered, offerToThreads, readTable, type TableData, type WantedColumn } from '@ergoflow/runner';
import { type Model, slowComponents } from '@ergoflow/sde';

/** What was read. */
export interface Observations {
  readonly paths: readonly ObservedPath[];
  /** SHA-256 of the file. */
  readonly sha256: string;
  /** Rows of the file. */
  readonly rows: number;
  /** Rows without a value of some component: the path ends before each, and another begins after it. */
  readonly missing: number;
  /** Observations between two missing ones, which no transition leads to or from. */
  readonly single: number;
  readonly notes: readonly string[];
}

/**
 * Reads observations for work that is planned, and offers them to the threads that will do it. A file that did not change since is not read again.
 *
 * @throws InputError as {@link readObservations}.
 */
export function observationsForWork(file: string, model: Model): Observations {
  const { mtimeMs = 0, size = 0 } = statSync(file, { throwIfNoEntry: false }) ?? {};
  const known = offered<Observations & { readonly key: string }>('observations');
  const key = JSON.stringify([file, mtimeMs, size, labelsOf(model)]);
  if (known?.key === key) return known;
  const read = readObservations(file, model);
  offerToThreads('observations', { ...read, key, labels: labelsOf(model) });
  return read;
}

/**
 * Gives the observations of a task: those that were offered, if they are of that content, else the file's.
 *
 * @throws Error if the file has other content by now; as {@link readObservations}.
 */
export function observationsOfTask(file: string, sha256: string, model: Model): Observations {
  const known = offered<Observations & { readonly labels: readonly string[] }>('observations');
  if (known?.sha256 === sha256 && known.labels.join() === labelsOf(model).join()) return known;
  const read = readObservations(file, model);
  if (read.sha256 !== sha256) throw new Error(`${file} has changed since the run began: begin it again`);
  offerToThreads('observations', { ...read, key: '', labels: labelsOf(model) });
  return read;
}

const labelsOf = (model: Model): string[] => slowComponents(model).map(({ label }) => label);

/**
 * Reads the observations of a model's slow variables.
 *
 * @throws InputError as `readTable`; if times do not increase along a path or are missing, at their line; and if no path has two observations in a row.
 */
export function readObservations(file: string, model: Model): Observations {
  const labels = labelsOf(model);
  const wanted: WantedColumn[] = [
    { names: ['t', 'time'], kind: 'time' },
    ...labels.map((label): WantedColumn => ({ names: [label], kind: 'number' })),
    { names: ['path', 'replicate'], kind: 'label', isOptional: true },
  ];
  const table = readTable(file, wanted);
  const components = labels.map((label) => table.columns.get(label) as Float64Array);
  const times = table.columns.get('t') as Float64Array;
  const parts = [...rowsByPath(table.columns.get('path'), table.rows)].map((rows) => piecesOf(file, table, times, components, rows));
  const pieces = parts.flatMap(({ kept }) => kept);
  const total = (read: (part: (typeof parts)[number]) => number): number => parts.reduce((sum, part) => sum + read(part), 0);
  if (pieces.length === 0) {
    const found = table.rows < 2 ? `${table.rows === 0 ? 'no row' : 'one row'}` : `${table.rows} rows, of which no two neighbours have all values`;
    throw new InputError(`the table has ${found}: at least two observations in a row are needed`, { file, line: 0, column: 0 });
  }
  return {
    paths: pieces,
    sha256: table.sha256,
    rows: table.rows,
    missing: total(({ missing }) => missing),
    single: total(({ single }) => single),
    notes: table.notes,
  };
}

/** Row numbers of each path, in order of the file; null for all rows. */
function* rowsByPath(labels: Float64Array | undefined, rows: number): Generator<Int32Array | null> {
  if (labels === undefined) return void (yield null);
  const counts: number[] = [];
  for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
  const rowsOf = counts.map((count) => new Int32Array(count));
  const filled = counts.map(() => 0);
  for (let row = 0; row < rows; row++) rowsOf[labels[row]][filled[labels[row]]++] = row;
  yield* rowsOf;
}

/** Cuts a path where values are missing; what has no neighbour is left out. */
function piecesOf(
  file: string,
  table: TableData,
  allTimes: Float64Array,
  allComponents: readonly Float64Array[],
  rows: Int32Array | null,
): { readonly kept: readonly ObservedPath[]; readonly missing: number; readonly single: number } {
  const pick = (column: Float64Array): Float64Array => (rows === null ? column : Float64Array.from(rows, (row) => column[row]));
  const times = pick(allTimes);
  const components = allComponents.map(pick);
  checkTimes(file, table, times, rows);
  const kept: ObservedPath[] = [];
  let [start, missing, single] = [0, 0, 0];
  const end = (at: number): void => {
    if (at - start === 1) single++;
    else if (at - start > 1) kept.push({ times: times.subarray(start, at), values: components.map((column) => column.subarray(start, at)) });
    start = at + 1;
  };
  for (let k = 0; k < times.length; k++) {
    if (!components.some((column) => Number.isNaN(column[k]))) continue;
    missing++;
    end(k);
  }
  end(times.length);
  return { kept, missing, single };
}

function checkTimes(file: string, table: TableData, times: Float64Array, rows: Int32Array | null): void {
  for (let k = 0; k < times.length; k++) {
    if (k > 0 ? times[k] > times[k - 1] : !Number.isNaN(times[k])) continue;
    const row = rows === null ? k : rows[k];
    const place = { ...table.placeOf(row), file };
    const name = table.rowName(row);
    if (Number.isNaN(times[k])) throw new InputError(`${name}the time is missing: leave the row out`, place);
    const along = rows === null ? '' : ' along a path';
    const how = times[k] === times[k - 1] ? `${times[k]} stands there twice` : `${times[k]} comes after ${times[k - 1]}`;
    throw new InputError(`${name}times must increase${along}: ${how}`, place);
  }
}
