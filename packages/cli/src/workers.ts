/** The workers of a run: they begin while this process still loads the rest of the program and reads what it is to run. */
import { ENGINES, type Engine } from '@ergoflow/runner';
import { workerModule } from '@ergoflow/studies';
import type { Given } from './options.ts';

let engine: Engine | null = null;

/** Starts the workers that were asked for, once. */
export function startWorkers({ engine: name, jobs, target }: Given): Engine {
  if (engine !== null) return engine;
  // Threads begin with a copy of the environment, and kernels read it there.
  process.env.ERGOFLOW_TARGET = target;
  engine = ENGINES[name](workerModule, jobs);
  // A worker begins with its first message, even of no tasks. One that does not start says so again with the first task.
  for (let k = 0; k < jobs; k++) engine.runBundle([]).catch(() => {});
  return engine;
}

/** Ends them, if they were started. */
export async function endWorkers(): Promise<void> {
  const started = engine;
  engine = null;
  await started?.close();
}
