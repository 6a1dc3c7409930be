/** What a thread runs: loads the module that does the tasks with the first message, then answers message by message. */
import { workerData } from 'piscina';
import type { WorkerAnswer, WorkerRequest } from '../worker.ts';
import { answerAll } from './answerAll.ts';

type Run = (request: WorkerRequest) => Promise<WorkerAnswer>;

let run: Run | null = null;

/** @param requests Empty for the first message, whose answer says that the module is loaded. */
export default async function answer(requests: readonly WorkerRequest[]): Promise<readonly WorkerAnswer[]> {
  run ??= await load(workerData as string);
  return answerAll(run, requests);
}

async function load(module: string): Promise<Run> {
  try {
    return ((await import(module)) as { readonly default: Run }).default;
  } catch (error) {
    // Node's own errors of loading lose their message on the way between threads.
    throw new Error(error instanceof Error ? error.message : String(error));
  }
}
