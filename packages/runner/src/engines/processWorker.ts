/** What a process starts with: loads the module that does the tasks, then answers message by message. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { WorkerAnswer, WorkerRequest } from '../worker.ts';
import { answerAll } from './answerAll.ts';

/** In a loop a process does not see that its parent is gone; a thread beside it does. */
const WATCH = `const parent = process.ppid; setInterval(() => { if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL'); }, 1000);`;

const { default: run } = (await import(process.argv[2])) as { readonly default: (request: WorkerRequest) => Promise<WorkerAnswer> };
const watch = new Worker(WATCH, { eval: true, execArgv: [] });
// It starts with the help of this thread, which the first task may never give back.
await once(watch, 'online');
watch.unref();
process.on('message', async (requests: readonly WorkerRequest[]) => process.send?.(await answerAll(run, requests)));
// Without a parent nobody waits for answers.
process.on('disconnect', () => process.exit());
process.send?.('ready');
