/** The engine `processes`: each task alone in a process, so that nothing it does can take another along. */
import { fork } from 'node:child_process';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { WorkerAnswer } from '../worker.ts';
import type { Engine } from './engine.ts';
import { packRequests } from './message.ts';
import { seatEngine } from './seats.ts';
import { lastWords, workerFile } from './workerFile.ts';

/**
 * Starts processes. One that dies is replaced; all end with this process.
 *
 * @param worker As for {@link threadEngine}; `processes` is their number, ≥ 1.
 * @throws RangeError for another number.
 */
export function processEngine(worker: URL, processes: number): Engine {
  return seatEngine(processes, 'processes', (events) => {
    const child = fork(fileURLToPath(workerFile('processWorker')), [worker.href], { serialization: 'advanced', stdio: ['ignore', 2, 'pipe', 'ipc'] });
    const words = lastWords(child.stderr as Readable);
    let fault: string | null = null;
    child.on('message', (message) => (message === 'ready' ? events.onReady() : events.onAnswers(message as readonly WorkerAnswer[])));
    child.on('error', (error) => {
      fault = error.message;
      // One that could not be started has no other end.
      if (child.pid === undefined) events.onEnd({ message: fault, exitCode: null, signal: null, lastWords: '' });
    });
    child.on('close', (exitCode, signal) => {
      const message = fault ?? `the process ended ${signal === null ? `with exit code ${exitCode}` : `by ${signal}`}`;
      if (child.pid !== undefined) events.onEnd({ message, exitCode, signal, lastWords: words() });
    });
    return { send: (requests) => void child.send(packRequests(requests)), kill: () => void child.kill('SIGKILL') };
  });
}
