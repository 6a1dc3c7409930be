/** A run with a person, or a script, before it: progress, signals, and what is printed at the end. */
import { join } from 'node:path';
import { InputError, quoted } from '@ergoflow/input';
import { fitAnswerLines, type Summary, terminalTable } from '@ergoflow/report';
import { type FailedTask, failureSignature, processEngine, readTimeout, type Timeout } from '@ergoflow/runner';
import { workerModule } from '@ergoflow/studies';
import { EXIT } from './exitCodes.ts';
import { resultFolder } from './folders.ts';
import type { Given } from './options.ts';
import { COMMAND_LINE } from './place.ts';
import type { Prepared } from './prepare.ts';
import { progressLine } from './progress.ts';
import { runExperiment } from './runExperiment.ts';
import { startWorkers } from './workers.ts';

/**
 * Runs prepared work.
 *
 * The first SIGINT or SIGTERM drains: tasks that run are finished and kept. The second ends the process at once; what is durable stays.
 *
 * @returns The exit code.
 */
export async function runAttended(
  prepared: Prepared,
  given: Given,
  folder: string = given.out ?? resultFolder(prepared.experiment.name),
): Promise<number> {
  const timeout = timeoutOf(given);
  const progress = progressLine(process.stderr, given.quiet);
  const drain = new AbortController();
  const unhook = onSignals((signal) => {
    progress.note(`${signal}: finishing the tasks that run; once more ends at once`);
    drain.abort();
  });
  try {
    const summary = await runExperiment({
      prepared,
      folder,
      engine: () => startWorkers(given),
      isolation: () => processEngine(workerModule, given.jobs),
      timeout,
      retry: given.retry,
      drain: drain.signal,
      verbosity: given.verbosity,
      onProgress: progress.show,
      onFailure: firstOfEach(progress.note),
      onNote: progress.note,
    });
    progress.end();
    process.stdout.write(given.json ? `${JSON.stringify(summary, null, 2)}\n` : `${describeSummary(summary, folder, process.stdout.columns)}\n`);
    return exitCodeOf(summary);
  } finally {
    progress.end();
    unhook();
  }
}

function timeoutOf({ timeout }: Given): Timeout | null {
  if (timeout === null) return null;
  const read = readTimeout(timeout);
  if (read !== null) return read;
  throw new InputError(`--timeout must be a time such as 90s, 30m, 2h or 200%, got ${quoted(timeout)}`, COMMAND_LINE);
}

/** The exit code that a summary stands for. */
export function exitCodeOf({ status }: Summary): number {
  return { done: EXIT.done, failed: EXIT.failed, drained: EXIT.drained }[status];
}

/** Tables, and where the rest is. */
export function describeSummary(summary: Summary, folder: string, columns: number | undefined): string {
  const { status, tasks, seconds, cpuSeconds, files } = summary;
  const state = {
    done: `done: ${tasks.done} tasks, ${tasks.reused} of them from before`,
    failed: `${tasks.failed} of ${tasks.total} tasks failed: ergoflow logs ${folder} shows why, ergoflow retry ${folder} tries them again`,
    drained: `stopped: ${tasks.done} of ${tasks.total} tasks are done and kept; the same command goes on`,
  }[status];
  const answer = fitAnswerLines(summary.answer);
  return [
    ...(answer.length === 0 ? [terminalTable(summary, columns)] : answer),
    '',
    `${state} (${seconds.toFixed(1)} s, ${cpuSeconds.toFixed(1)} s of computing)`,
    ...(files.trajectories === undefined ? [] : [`paths: ${join(folder, files.trajectories)}`]),
    ...(files['fitted-model'] === undefined ? [] : [`fitted model: ${join(folder, files['fitted-model'])}, which ergoflow simulate takes`]),
    `report: ${join(folder, files.report ?? 'report.html')}`,
  ].join('\n');
}

/** Says the first failure of each signature; the others are counted in the end, and are in the log. */
function firstOfEach(note: (message: string) => void): (failure: FailedTask) => void {
  const seen = new Set<string>();
  return (failure) => {
    const signature = failureSignature(failure);
    if (seen.has(signature)) return;
    seen.add(signature);
    const { id, kind, from, to, name, message } = failure;
    note(`task ${id.slice(0, 8)} (${kind}, replicates ${from} to ${to - 1}) failed: ${name}: ${message}`);
  };
}

/** A terminal's Ctrl-C reaches a program that npm started twice; the second within this time is the same key press. */
const SAME_PRESS_MILLISECONDS = 300;

function onSignals(first: (signal: string) => void): () => void {
  let at: number | null = null;
  const codes = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated };
  const handle = (signal: NodeJS.Signals): void => {
    const now = performance.now();
    if (at === null) {
      at = now;
      first(signal);
    } else if (now - at > SAME_PRESS_MILLISECONDS) process.exit(codes[signal as keyof typeof codes]);
  };
  for (const signal of Object.keys(codes)) process.on(signal, handle);
  return () => {
    for (const signal of Object.keys(codes)) process.off(signal, handle);
  };
}
