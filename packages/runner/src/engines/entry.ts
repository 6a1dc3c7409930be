/** What a worker starts with, in a thread or in a process: loads the module that does the tasks, then answers request by request. */
import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { errorAnswer, type WorkerAnswer, type WorkerRequest } from '../worker.ts';

/** In a loop a process does not see that its parent is gone; a thread beside it does. */
const WATCH = `const parent = process.ppid; setInterval(() => { if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL'); }, 1000);`;

const module: string = isMainThread ? process.argv[2] : workerData;
const { default: run } = (await import(module)) as { readonly default: (request: WorkerRequest) => WorkerAnswer };
const send = (message: readonly WorkerAnswer[] | 'ready'): void => {
  if (isMainThread) process.send?.(message);
  else parentPort?.postMessage(message);
};
const answer = (requests: readonly WorkerRequest[]): void => {
  const answers = requests.map(run);
  try {
    send(answers);
  } catch {
    // What cannot be sent is its task's fault, and not its neighbours'.
    send(answers.map(sendable));
  }
};
const sendable = (answered: WorkerAnswer): WorkerAnswer => {
  try {
    return structuredClone(answered);
  } catch (error) {
    return errorAnswer(error);
  }
};
if (isMainThread) {
  const watch = new Worker(WATCH, { eval: true, execArgv: [] });
  // It starts with the help of this thread, which the first task may never give back.
  await once(watch, 'online');
  watch.unref();
  process.on('message', answer);
  // Without a parent nobody waits for answers.
  process.on('disconnect', () => process.exit());
} else parentPort?.on('message', answer);
send('ready');
