/** Runs an experiment from TypeScript: the same work, files and summary as `ergoflow run`. */
import { availableParallelism } from 'node:os';
import { documentOf } from '@ergoflow/input';
import type { Summary } from '@ergoflow/report';
import { type JsonObject, processEngine, threadEngine } from '@ergoflow/runner';
import { workerModule } from '@ergoflow/studies';
import { resultFolder } from '../folders.ts';
import { prepare, prepareExperiment } from '../prepare.ts';
import { runExperiment } from '../runExperiment.ts';

/** How to run. */
export interface RunOptions {
  /** As on the command line, such as `epsilon=0.1,0.01`; default none. */
  readonly overrides?: readonly string[];
  /** Result folder; default results/<name> in the working folder. */
  readonly folder?: string;
  /** Number of threads, 1 or more; default: all cores. */
  readonly threads?: number;
  /** Aborted to drain: tasks that run are finished and kept, and the summary says `drained`. */
  readonly signal?: AbortSignal;
}

/**
 * Runs an experiment, or goes on with it.
 *
 * @param experiment Name, path, or the experiment itself as data.
 * @throws InputError for the first thing wrong with it; nothing was written then.
 */
export async function run(experiment: string | JsonObject, options: RunOptions = {}): Promise<Summary> {
  const { overrides = [], threads = availableParallelism() } = options;
  if (!(Number.isInteger(threads) && threads >= 1)) throw new RangeError(`threads must be a whole number of at least 1, got ${threads}`);
  const prepared = typeof experiment === 'string' ? prepareExperiment(experiment, overrides) : prepare(documentOf(experiment), overrides);
  return await runExperiment({
    prepared,
    folder: options.folder ?? resultFolder(prepared.experiment.name),
    engine: () => threadEngine(workerModule, threads),
    isolation: () => processEngine(workerModule, threads),
    drain: options.signal ?? new AbortController().signal,
    verbosity: 0,
  });
}
