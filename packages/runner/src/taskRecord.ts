/** What is kept of a finished task. */
import type { Range } from './ranges.ts';
import type { MomentsRecord } from './statistics/moments.ts';
import type { TaskFailure } from './work.ts';
import type { FileRecord } from './worker.ts';

/** A finished task, as the log keeps it. */
export interface TaskRecord extends Range {
  readonly id: string;
  readonly work: string;
  readonly moments: Readonly<Record<string, MomentsRecord>>;
  readonly failures: readonly TaskFailure[];
  readonly files: readonly FileRecord[];
  readonly milliseconds: number;
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
