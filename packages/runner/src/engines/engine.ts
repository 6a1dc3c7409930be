/** What a place for tasks is, and what is said of a worker that was lost. */
import type { WorkerAnswer, WorkerRequest } from '../worker.ts';

/** A place where tasks run. It places them, no more: what is done is the store's to say. */
export interface Engine {
  /** Number of tasks that run at once. */
  readonly slots: number;
  /**
   * Runs one task; at most `slots` at a time.
   *
   * @param limit Milliseconds that the task may take, counted from its start and asked again while it runs; default no limit.
   * @throws WorkerLost if its worker died or ran out of time; Error if workers do not start at all, or the engine is closed.
   */
  run(request: WorkerRequest, limit?: () => number): Promise<WorkerAnswer>;
  /**
   * Runs several tasks one after the other on one worker, with one message there and one back: for tasks so short that messages would cost more than they do.
   *
   * @param limit Of all of them together.
   * @throws As `run`; nothing is known of any of them then.
   */
  runBundle(requests: readonly WorkerRequest[], limit?: () => number): Promise<readonly WorkerAnswer[]>;
  /** Ends it, and what runs with it: waits for no task. */
  close(): Promise<void>;
}

/** How a worker ended. */
export interface WorkerEnd {
  /** In words, such as `the process ended with exit code 3`. */
  readonly message: string;
  readonly exitCode: number | null;
  /** Name of the signal that ended a process. */
  readonly signal: string | null;
  /** The last that it wrote on standard error. */
  readonly lastWords: string;
}

/** A worker was lost with its task: it died, or its time was over. */
export class WorkerLost extends Error {
  readonly how: 'died' | 'timeout';
  readonly end: WorkerEnd;

  constructor(how: 'died' | 'timeout', end: WorkerEnd) {
    super(end.message);
    this.name = 'WorkerLost';
    this.how = how;
    this.end = end;
  }
}
