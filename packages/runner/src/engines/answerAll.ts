/** What every worker does with the tasks of a message. */
import { errorAnswer, type WorkerAnswer, type WorkerRequest } from '../worker.ts';

/** Runs tasks in order; an answer that cannot be sent to another thread or process is its task's fault, and not its neighbours'. */
export function answerAll(run: (request: WorkerRequest) => WorkerAnswer, requests: readonly WorkerRequest[]): readonly WorkerAnswer[] {
  return requests.map(run).map((answered) => {
    // Plain data of numbers and text can always be sent; what else a task returns is tried.
    try {
      structuredClone(answered);
      return answered;
    } catch (error) {
      return errorAnswer(error);
    }
  });
}
