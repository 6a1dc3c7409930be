/** Plans work: what of it is done, which tasks are missing, and what waits for what. */
import { join } from 'node:path';
import { type CodeIdentity, digest, workIds } from './identity.ts';
import { missingBlocks, type Range, usable } from './ranges.ts';
import type { TaskRecord } from './taskRecord.ts';
import type { Work } from './work.ts';

/** A block of replicates that has to be computed. */
export interface PlannedTask extends Range {
  readonly id: string;
  /** Identity of its work. */
  readonly workId: string;
  readonly work: Work;
  readonly cost: number;
}

/** A work with its tasks. */
export interface PlannedWork {
  readonly id: string;
  readonly work: Work;
  readonly needs: readonly PlannedWork[];
  /** Records that are part of its result. */
  readonly records: readonly TaskRecord[];
  /** The tasks whose results are the rest of it; two works that differ in their number of replicates alone share those that fit both. */
  readonly tasks: readonly PlannedTask[];
}

/** A plan. */
export interface WorkPlan {
  /** Each work once, after what it needs. */
  readonly works: readonly PlannedWork[];
  /** Finds the plan of a work of equal meaning and equally many replicates. */
  find(work: Work): PlannedWork | undefined;
}

/**
 * Plans work and all that it needs.
 *
 * The same meaning with more replicates is a work of its own, so that what one asks for never changes what another gets.
 *
 * @param records What a log holds, by work.
 */
export function planWork(works: readonly Work[], identity: CodeIdentity, records: ReadonlyMap<string, readonly TaskRecord[]>): WorkPlan {
  const idOf = workIds(identity);
  const keyOf = (work: Work): string => `${idOf(work)}:${work.replicates}`;
  const planned = new Map<string, Draft>();
  const byId = new Map<string, Draft[]>();
  const visit = (work: Work): Draft => {
    const key = keyOf(work);
    const known = planned.get(key);
    if (known !== undefined) return known;
    const id = idOf(work);
    const draft: Draft = { id, work, needs: work.needs.map(visit), records: [], tasks: [] };
    planned.set(key, draft);
    byId.set(id, [...(byId.get(id) ?? []), draft]);
    return draft;
  };
  for (const work of works) visit(work);
  for (const [id, drafts] of byId) shareTasks(drafts, records.get(id) ?? []);
  return { works: [...planned.values()], find: (work) => planned.get(keyOf(work)) };
}

interface Draft extends PlannedWork {
  records: TaskRecord[];
  tasks: PlannedTask[];
}

/** Gives works of one meaning their records and tasks, those with few replicates first, so that those with more can take theirs. */
function shareTasks(drafts: readonly Draft[], records: readonly TaskRecord[]): void {
  const tasks: PlannedTask[] = [];
  for (const draft of [...drafts].sort((a, b) => a.work.replicates - b.work.replicates)) {
    const { id, work } = draft;
    const found = usable<TaskRecord | PlannedTask>([...records, ...tasks], work.replicates);
    const missing = missingBlocks(found, work.replicates, work.blockSize).map(({ from, to }): PlannedTask => {
      return { id: taskId(id, from, to), workId: id, work, from, to, cost: (to - from) * work.costPerReplicate };
    });
    for (const part of found) {
      if ('workId' in part) draft.tasks.push(part);
      else draft.records.push(part);
    }
    draft.tasks.push(...missing);
    tasks.push(...missing);
  }
}

/** Identity of a block of a work. */
const taskId = (work: string, from: number, to: number): string => digest(`${work}:${from}:${to}`);

/** Folder of a work's tables within the result folder. */
export const tablesOf = (workId: string): string => join('trajectories', workId.slice(0, 16));
