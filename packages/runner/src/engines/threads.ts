/** The engine `threads`: tasks on the cores of this machine, in a Piscina pool. */
import { Piscina } from 'piscina';
import type { WorkerAnswer, WorkerRequest } from '../worker.ts';

/** A place where tasks run. It places them, no more: what is done is the store's to say. */
export interface Engine {
  /** Number of tasks that run at once. */
  readonly slots: number;
  /** Runs one task; at most `slots` at a time. Rejects if its thread dies, cannot start, or is closed. */
  run(request: WorkerRequest): Promise<WorkerAnswer>;
  /** Ends it, and what runs with it: waits for no task. */
  close(): Promise<void>;
}

/**
 * Starts threads. One that dies is replaced.
 *
 * @param worker The module whose default export is a {@link workerTask}, in TypeScript or built. Not checked before the first task.
 * @param threads Number of threads, ≥ 1.
 * @throws RangeError for another number.
 */
export function threadEngine(worker: URL, threads: number): Engine {
  if (!Number.isInteger(threads) || threads < 1) throw new RangeError(`threads must be a whole number of at least 1, got ${threads}`);
  const pool = new Piscina({
    filename: worker.href,
    minThreads: threads,
    maxThreads: threads,
    // Ours is the only queue: a task is handed over when a thread is free, so order and start times are ours.
    maxQueue: threads,
    concurrentTasksPerWorker: 1,
    // With Atomics.wait a thread would not see timers or finished writes between tasks.
    atomics: 'disabled',
    idleTimeout: Number.POSITIVE_INFINITY,
  });
  const unanswered = new Set<AbortController>();
  let isClosed = false;
  pool.on('error', (error) => {
    // A thread died without a task: behind one, whose answer stands, or before its first one, as its module does not load. If that was the last thread,
    // the pool starts no other, and nobody would take what waits.
    if (pool.threads.length === 0) for (const task of unanswered) task.abort(error);
  });
  return {
    slots: threads,
    async run(request) {
      if (isClosed) throw new Error('the engine is closed');
      const task = new AbortController();
      unanswered.add(task);
      try {
        return (await pool.run(request, { signal: task.signal })) as WorkerAnswer;
      } catch (error) {
        throw task.signal.aborted ? task.signal.reason : error;
      } finally {
        unanswered.delete(task);
      }
    },
    close() {
      isClosed = true;
      return pool.destroy();
    },
  };
}
