/** The engine `threads`: tasks on the cores of this machine, in a Piscina pool. */
import { Piscina } from 'piscina';
import type { WorkerAnswer, WorkerRequest } from '../worker.ts';

/** A place where tasks run. It places them, no more: what is done is the store's to say. */
export interface Engine {
  /** Number of tasks that run at once. */
  readonly slots: number;
  /** Runs one task; at most `slots` at a time. */
  run(request: WorkerRequest): Promise<WorkerAnswer>;
  /** Ends it: waits for nothing. */
  close(): Promise<void>;
}

/**
 * Starts threads.
 *
 * @param worker The module whose default export is a {@link workerTask}, in TypeScript or built.
 * @param threads Number of threads, ≥ 1.
 */
export function threadEngine(worker: URL, threads: number): Engine {
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
  return {
    slots: threads,
    run: (request) => pool.run(request) as Promise<WorkerAnswer>,
    close: () => pool.destroy(),
  };
}
