/** Computes finished tasks again and compares: the same request must give the same bits, whatever the machine, the engine or the day. */
import type { Engine } from './engines/engine.ts';
import type { CodeIdentity } from './identity.ts';
import { mergeOutcomes } from './mergeOutcomes.ts';
import { type PlannedWork, planWork, tablesOf } from './planWork.ts';
import { recordsByWork, sameResult, type TaskRecord } from './taskRecord.ts';
import type { MergedOutcome, Work } from './work.ts';

/** What to compute again. */
export interface RecomputeOptions {
  readonly works: readonly Work[];
  readonly identity: CodeIdentity;
  readonly records: readonly TaskRecord[];
  readonly engine: Engine;
  /** An empty folder for tables. */
  readonly scratch: string;
  /** Chooses among the tasks that can be computed again: those of this code whose inputs are complete. */
  readonly choose: (candidates: readonly TaskRecord[]) => readonly TaskRecord[];
}

/** A task that did not give its recorded result. */
export interface Alarm {
  readonly task: string;
  readonly kind: string;
  readonly from: number;
  readonly to: number;
  readonly problem: string;
}

/** Computes tasks again. @throws The engine's error if it cannot start. */
export async function recompute(options: RecomputeOptions): Promise<{ readonly compared: number; readonly alarms: readonly Alarm[] }> {
  const { identity, engine, scratch } = options;
  const plan = planWork(options.works, identity, recordsByWork(options.records));
  const workOf = new Map<TaskRecord, PlannedWork>();
  for (const planned of plan.works) {
    if (planned.needs.every(({ tasks }) => tasks.length === 0)) for (const record of planned.records) workOf.set(record, planned);
  }
  const chosen = [...options.choose([...workOf.keys()])];
  const outcomes = new Map<PlannedWork, MergedOutcome>();
  const outcomeOf = (need: PlannedWork): MergedOutcome => {
    const outcome = outcomes.get(need) ?? mergeOutcomes(need.records);
    outcomes.set(need, outcome);
    return outcome;
  };
  const alarms: Alarm[] = [];
  const compare = async (record: TaskRecord): Promise<void> => {
    const { id, work: workId, from, to } = record;
    const { work, needs } = workOf.get(record) as PlannedWork;
    const problem = await engine
      .run({
        study: identity.study,
        kind: work.kind,
        parameters: work.parameters,
        from,
        to,
        inputs: needs.map(outcomeOf),
        ...(work.files === undefined ? {} : { files: work.files }),
        tables: { root: scratch, folder: tablesOf(workId) },
      })
      .then(
        (answer) => {
          if (!answer.ok) return `failed: ${answer.message}`;
          return sameResult(record, { ...record, ...answer }) ? null : 'gave another result than the recorded one';
        },
        (error: Error) => {
          if (error.name === 'WorkerLost') return `lost its worker: ${error.message}`;
          throw error;
        },
      );
    if (problem !== null) alarms.push({ task: id, kind: work.kind, from, to, problem });
  };
  const next = async (): Promise<void> => {
    for (let record = chosen.pop(); record !== undefined; record = chosen.pop()) await compare(record);
  };
  const compared = chosen.length;
  await Promise.all(Array.from({ length: compared === 0 ? 0 : Math.min(compared, engine.slots) }, next));
  return { compared, alarms: alarms.sort((a, b) => (a.task < b.task ? -1 : 1)) };
}

/** Lists tasks that a log records twice with different results: one of the two is wrong, and nobody knows which. */
export function contradictions(records: readonly TaskRecord[]): Pick<Alarm, 'task' | 'from' | 'to' | 'problem'>[] {
  const first = new Map<string, TaskRecord>();
  const alarms: Pick<Alarm, 'task' | 'from' | 'to' | 'problem'>[] = [];
  for (const record of records) {
    const { id: task, from, to } = record;
    const known = first.get(task);
    if (known === undefined) first.set(task, record);
    else if (!sameResult(known, record)) alarms.push({ task, from, to, problem: 'is recorded twice with different results' });
  }
  return alarms;
}
