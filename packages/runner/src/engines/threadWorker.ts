/** What a thread runs: loads the module that does the tasks with the first message, then answers message by message. */
import { workerData } from 'piscina';
import type { WorkerAnswer, WorkerRequest } from '../worker.ts';
import { answerAll } from './answerAll.ts';
import { type Message, unpackRequests } from './message.ts';

type Run = (request: WorkerRequest) => Promise<WorkerAnswer>;

let run: Run | null = null;

/** @param messages None for the first, whose answer says that the module is loaded. */
export default async function answer(messages: readonly Message[]): Promise<readonly WorkerAnswer[]> {
  run ??= await load(workerData as string);
  return answerAll(run, unpackRequests(messages));
}

async function load(module: string): Promise<Run> {
  try {
    return ((await import(module)) as { readonly default: Run }).default;
  } catch (error) {
    // Node's own errors of loading lose their message on the way between threads.
    throw new Error(error instanceof Error ? error.message : String(error));
  }
}
