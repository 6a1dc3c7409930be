/** What every worker does with the tasks of a message. */
import { errorAnswer, type WorkerAnswer, type WorkerRequest } from '../worker.ts';

/** Runs tasks in order; an answer that cannot be sent to another thread or process is its task's fault, and not its neighbours'. */
export async function answerAll(
  run: (request: WorkerRequest) => Promise<WorkerAnswer>,
  requests: readonly WorkerRequest[],
): Promise<readonly WorkerAnswer[]> {
  const answers: WorkerAnswer[] = [];
  for (const request of requests) answers.push(sendable(await run(request)));
  return answers;
}

/** Plain data of numbers and text can always be sent; what else a task returns is tried. */
function sendable(answered: WorkerAnswer): WorkerAnswer {
  try {
    structuredClone(answered);
    return answered;
  } catch (error) {
    return errorAnswer(error);
  }
}
