/** The engine `threads`: tasks on the cores of this machine, in Piscina's threads of this process. */
import { Piscina } from 'piscina';
import type { WorkerAnswer } from '../worker.ts';
import type { Engine } from './engine.ts';
import { packRequests } from './message.ts';
import { seatEngine } from './seats.ts';
import { workerFile } from './workerFile.ts';

/**
 * Starts threads. One that dies is replaced. A task that exhausts the heap within one call (`new Array(2e8).fill(0).map(…)`) ends the whole process, which no
 * code can prevent: in processes, {@link processEngine}, it costs one.
 *
 * Each thread is a pool of its own: so its start can be waited for, a task's clock starts with the task, and one thread can be ended without the others.
 *
 * @param worker The module whose default export is a {@link workerTask}, in TypeScript or built. Not checked before the first task.
 * @param threads Number of threads, ≥ 1.
 * @throws RangeError for another number.
 */
export function threadEngine(worker: URL, threads: number): Engine {
  return seatEngine(threads, 'threads', (events) => {
    const pool = new Piscina({
      filename: workerFile('threadWorker'),
      workerData: worker.href,
      minThreads: 1,
      maxThreads: 1,
      concurrentTasksPerWorker: 1,
      // With Atomics.wait a thread would not see timers or finished writes between tasks.
      atomics: 'disabled',
      idleTimeout: Number.POSITIVE_INFINITY,
    });
    let isEnded = false;
    const end = (error: unknown): void => {
      if (isEnded) return;
      isEnded = true;
      const message = error instanceof Error ? error.message : String(error);
      const code = /exited with code: (\d+)/.exec(message)?.[1];
      const exitCode = code === undefined ? null : Number(code);
      // What a thread prints goes to standard error as it comes; a thread has no last words of its own.
      const how = { message: exitCode === null ? message : `the thread ended with exit code ${exitCode}`, exitCode, signal: null, lastWords: '' };
      void pool.destroy().finally(() => events.onEnd(how));
    };
    pool.on('error', end);
    pool.run([]).then(() => events.onReady(), end);
    return {
      send: (requests) => void pool.run(packRequests(requests)).then((answers) => events.onAnswers(answers as readonly WorkerAnswer[]), end),
      kill: () => end(new Error('the thread was ended')),
    };
  });
}
