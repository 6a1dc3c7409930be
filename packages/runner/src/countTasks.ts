/** What a run would have to compute: counts of tasks, before anything runs. */
import type { TaskRecord } from './execute.ts';
import { type CodeIdentity, workId } from './identity.ts';
import { missingBlocks, usable } from './ranges.ts';
import type { Work } from './work.ts';

/** Counts of tasks. */
export interface TaskCounts {
  readonly total: number;
  /** Done before, and taken as they are. */
  readonly reused: number;
  readonly missing: number;
  /** Cost of the missing ones, in the studies' unit. */
  readonly missingCost: number;
}

/**
 * Counts the tasks of some work and of all that it needs; work that several need counts once.
 *
 * @param records What a log holds.
 * @param counted Identities of work that was counted before and is passed over; the new ones are added.
 */
export function countTasks(
  works: readonly Work[],
  identity: CodeIdentity,
  records: ReadonlyMap<string, readonly TaskRecord[]>,
  counted: Set<string> = new Set(),
): TaskCounts {
  const counts = { total: 0, reused: 0, missing: 0, missingCost: 0 };
  const visit = (work: Work): void => {
    for (const need of work.needs) visit(need);
    const id = workId(work, identity);
    if (counted.has(id)) return;
    counted.add(id);
    const found = usable(records.get(id) ?? [], work.replicates);
    const blocks = missingBlocks(found, work.replicates, work.blockSize);
    counts.total += found.length + blocks.length;
    counts.reused += found.length;
    counts.missing += blocks.length;
    for (const { from, to } of blocks) counts.missingCost += (to - from) * work.costPerReplicate;
  };
  for (const work of works) visit(work);
  return counts;
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
