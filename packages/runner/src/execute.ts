/**
 * Runs work: plans the missing blocks, hands them to the engine, longest first, keeps what finishes, merges it.
 *
 * Moments are exact sums, so a work's merged outcome has the same bits however its replicates were cut into tasks, in whatever order they finished, and
 * however often the run was stopped and taken up again.
 */
import { join } from 'node:path';
import type { Engine } from './engines/threads.ts';
import { type CodeIdentity, digest, workId } from './identity.ts';
import { missingBlocks, type Range, usable } from './ranges.ts';
import { mergeMoments } from './statistics/mergeMoments.ts';
import type { MomentsRecord } from './statistics/moments.ts';
import type { TaskLog } from './store/taskLog.ts';
import type { MergedOutcome, TaskFailure, Work } from './work.ts';
import type { FileRecord, WorkerAnswer } from './worker.ts';

/** A finished task, as the log keeps it. */
export interface TaskRecord extends Range {
  readonly id: string;
  readonly work: string;
  readonly moments: Readonly<Record<string, MomentsRecord>>;
  readonly failures: readonly TaskFailure[];
  readonly files: readonly FileRecord[];
  readonly milliseconds: number;
  readonly cpuMilliseconds: number;
}

/** A task that threw. */
export interface FailedTask extends Range {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly message: string;
  readonly stack: string;
}

/** How far a run is. */
export interface ExecutionProgress {
  readonly total: number;
  readonly done: number;
  readonly reused: number;
  readonly failed: number;
  /** Predicted from the cost of what is done; null before anything is. */
  readonly remainingSeconds: number | null;
}

/** What to execute. */
export interface ExecuteOptions {
  /** In canonical order; work that they need is found through them. */
  readonly works: readonly Work[];
  readonly identity: CodeIdentity;
  readonly log: TaskLog<TaskRecord>;
  readonly engine: Engine;
  /** Stops handing out tasks; those that run are finished and kept. */
  readonly drain: AbortSignal;
  /** The result folder, where tables go. */
  readonly folder: string;
  /** Adds replicates: called whenever a work is complete, gives the number it should have in all (≥ what it has to go on, else it is done). */
  readonly extend?: (work: Work, outcomes: (work: Work) => MergedOutcome | null) => number;
  readonly onProgress?: (progress: ExecutionProgress) => void;
  readonly onTask?: (record: TaskRecord) => void;
  readonly onFailure?: (failure: FailedTask) => void;
}

/** What came of it. */
export interface Execution {
  /** A work's merged outcome, or null if some of it is missing. */
  outcome(work: Work): MergedOutcome | null;
  /** Records that make up the result, in order of work and replicates. */
  records(work: Work): readonly TaskRecord[];
  readonly tasks: { readonly total: number; readonly done: number; readonly failed: number; readonly reused: number; readonly remaining: number };
  readonly failures: readonly FailedTask[];
  readonly drained: boolean;
  readonly cpuMilliseconds: number;
}

interface WorkState {
  readonly work: Work;
  readonly id: string;
  readonly needs: readonly WorkState[];
  replicates: number;
  /** Blocks that were planned but have not finished. */
  open: number;
  planned: boolean;
  failed: boolean;
  readonly records: TaskRecord[];
  outcome: MergedOutcome | null;
}

interface Task extends Range {
  readonly id: string;
  readonly state: WorkState;
  readonly cost: number;
}

/** Executes work. */
export async function execute(options: ExecuteOptions): Promise<Execution> {
  const { works, identity, log, engine, drain } = options;
  const states = stateOf(works, identity);
  const known = new Map<string, TaskRecord[]>();
  for (const record of log.records) known.set(record.work, [...(known.get(record.work) ?? []), record]);
  const ready: Task[] = [];
  const failures: FailedTask[] = [];
  const counts = { total: 0, done: 0, reused: 0, failed: 0 };
  const spent = { cost: 0, milliseconds: 0, cpuMilliseconds: 0 };
  const running = new Set<Promise<void>>();
  let stopped: unknown = null;

  const isReady = (state: WorkState): boolean => state.needs.every((need) => need.outcome !== null);

  function plan(state: WorkState): void {
    const found = usable([...(known.get(state.id) ?? [])], state.replicates) as TaskRecord[];
    state.records.splice(0, state.records.length, ...found, ...state.records.filter((record) => !found.includes(record)));
    const own = usable(state.records, state.replicates) as TaskRecord[];
    state.records.splice(0, state.records.length, ...own);
    const reused = own.filter((record) => found.includes(record)).length;
    if (!state.planned) {
      counts.reused += reused;
      counts.done += reused;
      counts.total += reused;
    }
    state.planned = true;
    const blocks = missingBlocks(state.records, state.replicates, state.work.blockSize);
    counts.total += blocks.length;
    state.open = blocks.length;
    for (const { from, to } of blocks)
      ready.push({ id: taskId(state.id, from, to), state, from, to, cost: (to - from) * state.work.costPerReplicate });
    // Longest first; equal ones in order of identity, so that nothing depends on how the experiment was written.
    ready.sort((a, b) => b.cost - a.cost || (a.id < b.id ? -1 : 1));
    if (blocks.length === 0) complete(state);
  }

  function complete(state: WorkState): void {
    if (state.failed) return;
    state.outcome = mergeOutcomes(state.records);
    const wanted = options.extend?.(state.work, outcome) ?? state.replicates;
    if (wanted > state.replicates) {
      state.replicates = wanted;
      state.outcome = null;
      plan(state);
      return;
    }
    for (const other of states.values()) if (!other.planned && isReady(other)) plan(other);
  }

  async function run(task: Task): Promise<void> {
    const { state, from, to, id } = task;
    const { kind, parameters } = state.work;
    const answer: WorkerAnswer = await engine
      .run({
        study: identity.study,
        kind,
        parameters,
        from,
        to,
        inputs: state.needs.map((need) => need.outcome as MergedOutcome),
        tables: { root: options.folder, folder: join('trajectories', state.id.slice(0, 16)) },
      })
      .catch(
        (error: unknown) => ({ ok: false, name: 'WorkerError', message: error instanceof Error ? error.message : String(error), stack: '' }) as const,
      );
    if (!answer.ok) {
      const failure = { id, kind, from, to, name: answer.name, message: answer.message, stack: answer.stack };
      failures.push(failure);
      state.failed = true;
      counts.failed++;
      options.onFailure?.(failure);
    } else {
      const { moments, failures: lost, files, milliseconds, cpuMilliseconds } = answer;
      const record: TaskRecord = { id, work: state.id, from, to, moments, failures: lost, files, milliseconds, cpuMilliseconds };
      await log.append(record);
      state.records.push(record);
      counts.done++;
      spent.cost += task.cost;
      spent.milliseconds += milliseconds;
      spent.cpuMilliseconds += cpuMilliseconds;
      options.onTask?.(record);
    }
    state.open--;
    if (state.open === 0) complete(state);
    report();
  }

  function report(): void {
    const left = ready.reduce((total, task) => total + task.cost, 0);
    const remainingSeconds = spent.cost === 0 ? null : (left * spent.milliseconds) / spent.cost / 1000 / engine.slots;
    options.onProgress?.({ ...counts, remainingSeconds });
  }

  const outcome = (work: Work): MergedOutcome | null => states.get(workId(work, identity))?.outcome ?? null;
  for (const state of states.values()) if (!state.planned && isReady(state)) plan(state);
  report();
  while (running.size > 0 || (ready.length > 0 && !drain.aborted && stopped === null)) {
    while (running.size < engine.slots && ready.length > 0 && !drain.aborted && stopped === null) {
      const task = ready.shift() as Task;
      const promise: Promise<void> = run(task)
        .catch((error: unknown) => {
          // Only the store can fail here: without it nothing more can be kept.
          stopped = error;
        })
        .finally(() => running.delete(promise));
      running.add(promise);
    }
    if (running.size > 0) await Promise.race(running);
  }
  if (stopped !== null) throw stopped;
  const remaining = ready.length + unplanned(states);
  return {
    outcome,
    records: (work) => [...(states.get(workId(work, identity))?.records ?? [])].sort((a, b) => a.from - b.from),
    tasks: { ...counts, total: counts.total + unplanned(states), remaining },
    failures: failures.sort((a, b) => (a.id < b.id ? -1 : 1)),
    drained: drain.aborted && remaining > 0,
    cpuMilliseconds: spent.cpuMilliseconds,
  };
}

/** Identity of a block of a work. */
export const taskId = (work: string, from: number, to: number): string => digest(`${work}:${from}:${to}`);

/** All work by identity, what is needed before what needs it; work that several need is one. */
function stateOf(works: readonly Work[], identity: CodeIdentity): Map<string, WorkState> {
  const states = new Map<string, WorkState>();
  const add = (work: Work): WorkState => {
    const id = workId(work, identity);
    const needs = work.needs.map(add);
    const existing = states.get(id);
    if (existing !== undefined) {
      existing.replicates = Math.max(existing.replicates, work.replicates);
      return existing;
    }
    const state: WorkState = { work, id, needs, replicates: work.replicates, open: 0, planned: false, failed: false, records: [], outcome: null };
    states.set(id, state);
    return state;
  };
  for (const work of works) add(work);
  return states;
}

const unplanned = (states: ReadonlyMap<string, WorkState>): number =>
  [...states.values()].filter(({ planned }) => !planned).reduce((total, { replicates, work }) => total + Math.ceil(replicates / work.blockSize), 0);

/** Merges records in order of their replicates. */
export function mergeOutcomes(records: readonly TaskRecord[]): MergedOutcome {
  const ordered = [...records].sort((a, b) => a.from - b.from);
  const failures: Record<string, number> = {};
  const all = ordered.flatMap((record) => record.failures).sort((a, b) => a.replicate - b.replicate);
  for (const { kind } of all) failures[kind] = (failures[kind] ?? 0) + 1;
  return { moments: mergeMoments(ordered.map((record) => record.moments)), failures, firstFailures: all.slice(0, 5) };
}
