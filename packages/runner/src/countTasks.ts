/** What a run would have to compute: counts of tasks, before anything runs. */
import type { CodeIdentity } from './identity.ts';
import { planWork } from './planWork.ts';
import type { TaskRecord } from './taskRecord.ts';
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
 * Counts the tasks of some work and of all that it needs; a task that several need counts once.
 *
 * @param records What a log holds.
 * @param counted Identities of tasks that were counted before and are passed over; the new ones are added.
 */
export function countTasks(
  works: readonly Work[],
  identity: CodeIdentity,
  records: ReadonlyMap<string, readonly TaskRecord[]>,
  counted: Set<string> = new Set(),
): TaskCounts {
  const counts = { total: 0, reused: 0, missing: 0, missingCost: 0 };
  const isNew = ({ id }: { readonly id: string }): boolean => {
    const isKnown = counted.has(id);
    counted.add(id);
    return !isKnown;
  };
  for (const planned of planWork(works, identity, records).works) {
    const missing = planned.tasks.filter(isNew);
    const reused = planned.records.filter(isNew).length;
    counts.total += missing.length + reused;
    counts.reused += reused;
    counts.missing += missing.length;
    for (const { cost } of missing) counts.missingCost += cost;
  }
  return counts;
}
