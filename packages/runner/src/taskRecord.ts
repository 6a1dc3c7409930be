/** What is kept of a finished task. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Range } from './ranges.ts';
import type { MomentsRecord } from './statistics/moments.ts';
import type { JsonObject, TaskFailure } from './work.ts';
import type { FileRecord } from './worker.ts';

/** A finished task, as the log keeps it. */
export interface TaskRecord extends Range {
  readonly id: string;
  readonly work: string;
  readonly moments: Readonly<Record<string, MomentsRecord>>;
  readonly failures: readonly TaskFailure[];
  readonly files: readonly FileRecord[];
  readonly answer?: JsonObject;
  readonly milliseconds: number;
}

/** Tells whether the tables of a record are there with their size; what is in them is not looked at. */
export function hasItsFiles({ files }: TaskRecord, folder: string): boolean {
  return files.every(({ file, bytes }) => statSync(join(folder, file), { throwIfNoEntry: false })?.size === bytes);
}

/** Tells whether two records of one task hold the same result, bit for bit: all but the time that it took. */
export function sameResult(a: TaskRecord, b: TaskRecord): boolean {
  const result = ({ moments, failures, files, answer }: TaskRecord): string => JSON.stringify([moments, failures, files, answer]);
  return result(a) === result(b);
}

/** Sorts a log's records by their work. */
export function recordsByWork(records: readonly TaskRecord[]): Map<string, TaskRecord[]> {
  const byWork = new Map<string, TaskRecord[]>();
  for (const record of records) {
    const known = byWork.get(record.work);
    if (known === undefined) byWork.set(record.work, [record]);
    else known.push(record);
  }
  return byWork;
}
