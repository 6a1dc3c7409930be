/**
 * Runs work: plans the missing tasks, hands them to the engine, longest first, keeps what finishes, merges it.
 *
 * Moments are exact sums, so a work's merged outcome has the same bits however its replicates were cut into tasks, in whatever order they finished, and
 * however often the run was stopped and taken up again.
 */
import { type Engine, WorkerLost } from './engines/engine.ts';
import type { FailedTask, FailureLog } from './failedTask.ts';
import type { CodeIdentity } from './identity.ts';
import { mergeOutcomes } from './mergeOutcomes.ts';
import { type PlannedTask, type PlannedWork, planWork, tablesOf } from './planWork.ts';
import { priorityQueue } from './priorityQueue.ts';
import { type InFlight, MOST_OF_A_BUNDLE, NOTHING_IN_FLIGHT } from './store/inFlight.ts';
import type { TaskLog } from './store/taskLog.ts';
import { hasItsFiles, recordsByWork, sameResult, type TaskRecord } from './taskRecord.ts';
import { type Timeout, timeLimits } from './timeout.ts';
import type { MergedOutcome, Work } from './work.ts';
import type { WorkerAnswer } from './worker.ts';

/** How far a run is. */
export interface ExecutionProgress {
  readonly total: number;
  /** Those taken from earlier runs too. */
  readonly done: number;
  readonly reused: number;
  readonly failed: number;
  /** Predicted from the cost of what is done; null before anything is. */
  readonly remainingSeconds: number | null;
}

/** What to execute. */
export interface ExecuteOptions {
  /** In any order; work that they need is found through them. */
  readonly works: readonly Work[];
  readonly identity: CodeIdentity;
  readonly log: TaskLog<TaskRecord>;
  /** What failed in earlier runs, which is not tried again, and where failures go. */
  readonly failureLog: FailureLog;
  readonly engine: Engine;
  /** Where a task runs that lost its worker before, so that it takes nothing along; default the engine. It has as many slots. */
  readonly isolation?: Engine;
  /** Which tasks run, for the next run if this one ends without a word; default kept nowhere. */
  readonly inFlight?: InFlight;
  /** Longest time of a task; default no limit. */
  readonly timeout?: Timeout | null;
  /** Tasks that together take no longer travel to a worker in one message; default 0, each alone. Identity, records and failures stay each task's own. */
  readonly bundleMilliseconds?: number;
  /** Stops handing out tasks; those that run are finished and kept. */
  readonly drain: AbortSignal;
  /** The result folder, where tables go. */
  readonly folder: string;
  readonly onProgress?: (progress: ExecutionProgress) => void;
  readonly onTask?: (record: TaskRecord) => void;
  readonly onFailure?: (failure: FailedTask) => void;
  /** Called with what a task's answer has to say; the same may come from many tasks. */
  readonly onNote?: (note: string) => void;
}

/** What came of it. */
export interface Execution {
  /** The merged outcome of all replicates of a work, or null if some of it is missing. */
  outcome(work: Work): MergedOutcome | null;
  /** The records that there are of a work, in order of replicates. */
  records(work: Work): readonly TaskRecord[];
  /** `done` counts those taken from earlier runs too; `remaining` is what is neither done nor failed, be it that it needs what failed. */
  readonly tasks: { readonly total: number; readonly done: number; readonly failed: number; readonly reused: number; readonly remaining: number };
  /** Those of earlier runs that still hold too. */
  readonly failures: readonly FailedTask[];
  /** True if tasks are left that could have run. */
  readonly drained: boolean;
}

interface WorkState {
  readonly planned: PlannedWork;
  readonly dependents: WorkState[];
  readonly records: TaskRecord[];
  /** Work that it needs and that is not complete. */
  waiting: number;
  /** Its tasks that are not done. */
  open: number;
  outcome: MergedOutcome | null;
}

/**
 * Executes work. A task that fails is a failure of its own; its neighbours go on. What it threw it would throw again, as it is a function of its request; if its
 * worker died, which may be bad luck, it is tried once more, in isolation.
 *
 * @throws The store's error, an engine's that cannot start, or a callback's, after the tasks that run have finished: without a store nothing can be kept.
 */
export async function execute(options: ExecuteOptions): Promise<Execution> {
  const { works, identity, log, failureLog, engine, drain, isolation = engine, inFlight = NOTHING_IN_FLIGHT, bundleMilliseconds = 0 } = options;
  const before = new Map(log.records.map((record) => [record.id, record]));
  const plan = planWork(works, identity, recordsByWork(log.records.filter((record) => hasItsFiles(record, options.folder))));
  const { states, statesOf } = statesIn(plan.works);
  const reused = new Set(plan.works.flatMap(({ records }) => records)).size;
  const counts = { total: reused + statesOf.size, done: reused, reused, failed: 0 };
  const spent = { cost: 0, milliseconds: 0 };
  const ofKind = new Map<string, typeof spent>();
  const limits = timeLimits(options.timeout ?? null, log.records);
  const failedBefore = new Map(failureLog.records.map((failure) => [failure.id, failure]));
  const failures: FailedTask[] = [];
  const isFailed = new Set<WorkState>();
  const released = new Set<PlannedTask>();
  // Longest first, so that no long one begins last; equal ones by identity, so that nothing depends on how the experiment was written.
  const ready = priorityQueue<PlannedTask>((a, b) => a.cost > b.cost || (a.cost === b.cost && a.id < b.id));
  let costLeft = 0;
  for (const { cost } of statesOf.keys()) costLeft += cost;
  /** Tasks at the engine, and those whose end is not yet dealt with. */
  let running = 0;
  let unsettled = 0;
  let stopped: { readonly error: unknown } | null = null;

  function release(state: WorkState): void {
    if (state.open === 0) complete(state);
    for (const task of state.planned.tasks) {
      if (!released.has(task) && !failedBefore.has(task.id)) ready.add(task);
      released.add(task);
    }
  }

  function complete(state: WorkState): void {
    state.outcome = mergeOutcomes(state.records);
    for (const dependent of state.dependents) {
      dependent.waiting--;
      if (dependent.waiting === 0) release(dependent);
    }
  }

  async function run(tasks: readonly PlannedTask[], handOut: () => void): Promise<void> {
    running++;
    unsettled++;
    const leave = inFlight.enter(tasks.map(({ id }) => id));
    let ended: readonly Ended[] = [];
    try {
      ended = tasks.length === 1 ? [await attempt(tasks[0], 1)] : await attemptAll(tasks);
    } catch (error) {
      stopped ??= { error };
    }
    running--;
    try {
      leave();
      // The worker need not wait for the disk.
      handOut();
      await Promise.all(
        ended.map(async (one, k) => {
          await keep(tasks[k], one);
          report();
        }),
      );
    } catch (error) {
      stopped ??= { error };
    }
    unsettled--;
    handOut();
  }

  /** @throws The error of an engine that cannot start. */
  async function attempt(task: PlannedTask, first: 1 | 2): Promise<Ended> {
    const request = requestOf(task);
    const limit = limits.of(task.workId);
    // A suspect had its first attempt in the run that ended with it.
    for (let attempts: number = inFlight.suspects.has(task.id) ? 2 : first; ; attempts++) {
      try {
        return { attempts, answer: await (attempts === 1 ? engine : isolation).run(request, limit), lost: null };
      } catch (error) {
        if (!(error instanceof WorkerLost)) throw error;
        if (attempts === 2 || error.how === 'timeout') return { attempts, answer: null, lost: error };
        options.onNote?.(`a task of ${task.work.kind} lost its worker (${error.message}) and runs again in isolation`);
      }
    }
  }

  /** A bundle; if its worker is lost, nobody knows by which of them, and each runs on its own. */
  async function attemptAll(tasks: readonly PlannedTask[]): Promise<Ended[]> {
    const single = tasks.map(({ workId }) => limits.of(workId));
    const limit = single.includes(undefined) ? undefined : () => single.reduce((sum, one) => sum + (one as () => number)(), 0);
    let first: 1 | 2;
    try {
      const answers = await engine.runBundle(tasks.map(requestOf), limit);
      return answers.map((answer) => ({ attempts: 1, answer, lost: null }));
    } catch (error) {
      if (!(error instanceof WorkerLost)) throw error;
      first = error.how === 'died' ? 2 : 1;
    }
    const ended: Ended[] = [];
    for (const task of tasks) ended.push(await attempt(task, first));
    return ended;
  }

  /** Takes the next task, and as many more as together are short. */
  function takeBundle(): PlannedTask[] {
    const tasks = [ready.take()];
    if (bundleMilliseconds === 0) return tasks;
    const share = Math.min(MOST_OF_A_BUNDLE, Math.ceil(ready.size / engine.slots / 2));
    let milliseconds = predicted(tasks[0]);
    while (tasks.length < share && ready.size > 0 && milliseconds < bundleMilliseconds && !inFlight.suspects.has(tasks[0].id)) {
      const task = ready.take();
      if (inFlight.suspects.has(task.id) || milliseconds + predicted(task) > bundleMilliseconds) {
        ready.add(task);
        break;
      }
      milliseconds += predicted(task);
      tasks.push(task);
    }
    return tasks;
  }

  /** Milliseconds that a task will take; infinite where none of its kind is done. */
  function predicted({ work, cost }: PlannedTask): number {
    const known = ofKind.get(work.kind);
    return known === undefined || known.cost === 0 ? Number.POSITIVE_INFINITY : (cost * known.milliseconds) / known.cost;
  }

  const requestOf = ({ work, workId, from, to }: PlannedTask): Parameters<Engine['run']>[0] => ({
    study: identity.study,
    kind: work.kind,
    parameters: work.parameters,
    from,
    to,
    inputs: work.needs.map((need) => outcome(need) as MergedOutcome),
    ...(work.files === undefined ? {} : { files: work.files }),
    tables: { root: options.folder, folder: tablesOf(workId) },
  });

  async function keep(task: PlannedTask, { attempts, answer, lost }: Ended): Promise<void> {
    const { id, workId, work, from, to } = task;
    costLeft -= task.cost;
    const fail = (what: Pick<FailedTask, 'cause' | 'name' | 'message' | 'stack' | 'end'>): Promise<void> =>
      keepFailure(task, { id, work: workId, kind: work.kind, from, to, ...what, attempts });
    if (answer === null) return fail({ cause: lost.how, name: lost.name, message: lost.message, stack: '', end: lost.end });
    if (!answer.ok) {
      const { name, message, stack, isSystem } = answer;
      return fail({ cause: isSystem ? 'system' : 'thrown', name, message, stack, end: null });
    }
    const { moments, failures: numerical, files, milliseconds, answer: own } = answer;
    for (const note of answer.notes) options.onNote?.(note);
    const record: TaskRecord = {
      id,
      work: workId,
      from,
      to,
      moments,
      failures: numerical,
      files,
      ...(own === undefined ? {} : { answer: own }),
      milliseconds,
    };
    const earlier = before.get(id);
    if (earlier !== undefined && !sameResult(earlier, record)) {
      const message = 'computed again, the task gave another result than the one that is recorded';
      return fail({ cause: 'differs', name: 'Alarm', message, stack: '', end: null });
    }
    if (earlier === undefined) await log.append(record);
    counts.done++;
    spent.cost += task.cost;
    spent.milliseconds += milliseconds;
    const known = ofKind.get(work.kind) ?? { cost: 0, milliseconds: 0 };
    ofKind.set(work.kind, { cost: known.cost + task.cost, milliseconds: known.milliseconds + milliseconds });
    limits.add(record);
    options.onTask?.(record);
    for (const state of statesOf.get(task) as readonly WorkState[]) {
      state.records.push(record);
      state.open--;
      if (state.open === 0) complete(state);
    }
  }

  async function keepFailure(task: PlannedTask, failure: FailedTask): Promise<void> {
    if (failure.cause !== 'system') await failureLog.append(failure);
    countFailure(task, failure);
    options.onFailure?.(failure);
  }

  function countFailure(task: PlannedTask, failure: FailedTask): void {
    failures.push(failure);
    for (const state of statesOf.get(task) as readonly WorkState[]) isFailed.add(state);
    counts.failed++;
  }

  function report(): void {
    const remainingSeconds = spent.cost === 0 ? null : (Math.max(0, costLeft) * spent.milliseconds) / spent.cost / 1000 / engine.slots;
    options.onProgress?.({ ...counts, remainingSeconds });
  }

  const outcome = (work: Work): MergedOutcome | null => stateOf(work)?.outcome ?? null;
  const stateOf = (work: Work): WorkState | undefined => {
    const planned = plan.find(work);
    return planned === undefined ? undefined : states.get(planned);
  };

  for (const task of statesOf.keys()) {
    const failure = failedBefore.get(task.id);
    if (failure === undefined) continue;
    costLeft -= task.cost;
    countFailure(task, failure);
  }
  for (const state of states.values()) if (state.waiting === 0 && state.outcome === null) release(state);
  report();
  await new Promise<void>((resolve) => {
    const handOut = (): void => {
      try {
        while (ready.size > 0 && !drain.aborted && stopped === null && running < engine.slots) void run(takeBundle(), handOut);
      } catch (error) {
        // An engine that cannot start.
        stopped ??= { error };
      }
      if (unsettled === 0) resolve();
    };
    handOut();
  });
  if (stopped !== null) throw (stopped as { readonly error: unknown }).error;
  const blocked = new Set<WorkState>();
  for (const [{ needs }, state] of states) {
    const needed = needs.map((need) => states.get(need) as WorkState);
    if (needed.some((need) => isFailed.has(need) || blocked.has(need))) blocked.add(state);
  }
  const remaining = counts.total - counts.done - counts.failed;
  return {
    outcome,
    records: (work) => [...(stateOf(work)?.records ?? [])].sort((a, b) => a.from - b.from),
    tasks: { ...counts, remaining },
    failures: failures.sort((a, b) => (a.id < b.id ? -1 : 1)),
    drained: drain.aborted && (ready.size > 0 || [...states.values()].some((state) => state.waiting > 0 && state.open > 0 && !blocked.has(state))),
  };
}

/** How a task's attempts ended. */
type Ended = { readonly attempts: number } & (
  | { readonly answer: WorkerAnswer; readonly lost: null }
  | { readonly answer: null; readonly lost: WorkerLost }
);

/** The states of works, in their order, and those that wait for a task. */
function statesIn(works: readonly PlannedWork[]): { states: Map<PlannedWork, WorkState>; statesOf: Map<PlannedTask, WorkState[]> } {
  const states = new Map<PlannedWork, WorkState>();
  const statesOf = new Map<PlannedTask, WorkState[]>();
  for (const planned of works) {
    const { needs, records, tasks } = planned;
    const different = new Set(needs);
    const state: WorkState = { planned, dependents: [], records: [...records], waiting: different.size, open: tasks.length, outcome: null };
    for (const need of different) states.get(need)?.dependents.push(state);
    for (const task of tasks) statesOf.set(task, [...(statesOf.get(task) ?? []), state]);
    states.set(planned, state);
  }
  return { states, statesOf };
}
