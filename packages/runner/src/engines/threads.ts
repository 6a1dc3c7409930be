/** The engine `threads`: tasks on the cores of this machine, in threads of this process. */
import { Worker } from 'node:worker_threads';
import type { WorkerAnswer } from '../worker.ts';
import type { Engine } from './engine.ts';
import { ENTRY, lastWords } from './entryModule.ts';
import { seatEngine } from './seats.ts';

/**
 * Starts threads. One that dies is replaced. A task that exhausts the heap within one call (`new Array(2e8).fill(0).map(…)`) ends the whole process, which no
 * code can prevent: in processes, {@link processEngine}, it costs one.
 *
 * @param worker The module whose default export is a {@link workerTask}, in TypeScript or built. Not checked before the first task.
 * @param threads Number of threads, ≥ 1.
 * @throws RangeError for another number.
 */
export function threadEngine(worker: URL, threads: number): Engine {
  return seatEngine(threads, 'threads', (events) => {
    const thread = new Worker(ENTRY, { workerData: worker.href, stdout: true, stderr: true });
    // Standard output is for results; what a task prints is for whoever looks for its faults.
    thread.stdout.on('data', (text: Buffer) => process.stderr.write(text));
    const words = lastWords(thread.stderr);
    let fault: string | null = null;
    thread.on('message', (message: readonly WorkerAnswer[] | 'ready') => (message === 'ready' ? events.onReady() : events.onAnswers(message)));
    thread.on('error', (error: unknown) => {
      fault = error instanceof Error ? error.message : String(error);
    });
    thread.on('exit', (exitCode) =>
      events.onEnd({ message: fault ?? `the thread ended with exit code ${exitCode}`, exitCode, signal: null, lastWords: words() }),
    );
    return { send: (requests) => thread.postMessage(requests), kill: () => void thread.terminate() };
  });
}
