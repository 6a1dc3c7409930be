/** The outcome of a work: its tasks' records together. */
import { mergeMoments } from './statistics/mergeMoments.ts';
import type { TaskRecord } from './taskRecord.ts';
import type { MergedOutcome } from './work.ts';

/** Merges records of one work; in whatever order they are, the result is the same. */
export function mergeOutcomes(records: readonly TaskRecord[]): MergedOutcome {
  const failures: Record<string, number> = {};
  const all = records.flatMap((record) => record.failures).sort((a, b) => a.replicate - b.replicate);
  for (const { kind } of all) failures[kind] = (failures[kind] ?? 0) + 1;
  const answers = records.flatMap(({ from, answer }) => (answer === undefined ? [] : [{ from, answer }])).sort((a, b) => a.from - b.from);
  return { moments: mergeMoments(records.map((record) => record.moments)), failures, firstFailures: all.slice(0, 5), answers };
}
