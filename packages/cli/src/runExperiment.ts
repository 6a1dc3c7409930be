/** A run: work planned, executed and merged, and what it leaves in its folder. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type DrawnFigure, FIGURES, renderReport, renderSvg, type Summary } from '@ergoflow/report';
import {
  type CodeIdentity,
  type Engine,
  type ExecuteOptions,
  type Execution,
  type ExecutionProgress,
  execute,
  FAILURES,
  type FailedTask,
  type FailureLog,
  loadArrow,
  openInFlight,
  openTaskLog,
  type Replicates,
  type Table,
  type TaskRecord,
  type Timeout,
  type WrittenFile,
  writeArrow,
  writeArtefact,
} from '@ergoflow/runner';
import type { CellPlan, CellResult } from '@ergoflow/studies';
import type { Logger } from 'pino';
import { cellTables } from './cellTables.ts';
import { codeDigest } from './codeDigest.ts';
import { shippedRoot } from './folders.ts';
import { lockFolder } from './lock.ts';
import { openLog } from './log.ts';
import { fitsTable, metricsTable } from './metricsTable.ts';
import { firstReplicates, type Prepared } from './prepare.ts';
import { type Provenance, provenance } from './provenance.ts';

/** How to run. */
export interface RunOptions {
  readonly prepared: Prepared;
  /** The result folder. */
  readonly folder: string;
  /** Starts the engine; called when the first task has to run. */
  readonly engine: () => Engine;
  /** Starts the engine for tasks that lost their worker; called when the first does. */
  readonly isolation: () => Engine;
  /** Longest time of a task; default no limit. */
  readonly timeout?: Timeout | null;
  /** Forgets the failures of earlier runs, so that their tasks are tried again; default false. */
  readonly retry?: boolean;
  /** Aborted to drain. */
  readonly drain: AbortSignal;
  /** 1 or more: the log has a line for each task. */
  readonly verbosity: number;
  readonly onProgress?: (progress: ExecutionProgress) => void;
  readonly onTask?: (record: TaskRecord) => void;
  readonly onFailure?: (failure: FailedTask) => void;
  readonly onNote?: (note: string) => void;
}

/** What makes this code's results its own. */
export function identityOf({ study }: Prepared): CodeIdentity {
  return { study: study.name, version: study.version, code: codeDigest() };
}

/** Name of the resolved experiment in a result folder: whoever finds the folder can run it again. */
export const RESOLVED = 'experiment.yaml';

/**
 * Runs an experiment and writes its files.
 *
 * @throws InputError if a cell cannot be planned (then nothing was written), or another run holds the folder.
 */
export async function runExperiment(options: RunOptions): Promise<Summary> {
  const { prepared, folder } = options;
  const { expansion, plan } = prepared;
  const started = { clock: performance.now(), cpu: process.cpuUsage() };
  const plans = expansion.cells.map((cell) => plan(cell, firstReplicates(expansion)));
  const identity = identityOf(prepared);
  mkdirSync(folder, { recursive: true });
  const unlock = lockFolder(folder);
  try {
    const runLog = openLog(join(folder, 'log.ndjson'), options.verbosity);
    const tasks = openTaskLog<TaskRecord>(folder);
    if (options.retry === true) rmSync(join(folder, FAILURES), { force: true });
    const failed: FailureLog = openTaskLog<FailedTask>(folder, FAILURES);
    const inFlight = openInFlight(folder);
    let computed = 0;
    const attended = withLog(options, runLog.logger, () => computed++);
    try {
      runLog.logger.info({ experiment: prepared.experiment.name, cells: expansion.cells.length, pid: process.pid }, 'run begins');
      for (const damage of [...tasks.damage, ...failed.damage]) attended.onNote?.(damage);
      writeArtefact(join(folder, RESOLVED), prepared.resolved);
      const running = rounds(attended, plans, identity, { log: tasks, failureLog: failed, inFlight });
      // Workers begin meanwhile: this thread readies what it will need when they are done.
      loadArrow();
      const facts = provenanceOf(prepared, identity);
      const done = await running;
      const { user, system } = process.cpuUsage(started.cpu);
      const spent = { computed, seconds: (performance.now() - started.clock) / 1000, cpuSeconds: (user + system) / 1e6 };
      const summary = await writeResults(attended, await facts, done.plans, done.execution, spent);
      runLog.logger.info({ status: summary.status, tasks: summary.tasks, seconds: summary.seconds }, 'run ends');
      return summary;
    } catch (error) {
      runLog.logger.error(error, 'run breaks off');
      const { code, path, message } = error as NodeJS.ErrnoException;
      // A write that finds the disk full does not say where it was.
      throw code !== undefined && path === undefined ? Object.assign(new Error(`${folder}: ${message}`, { cause: error }), { code }) : error;
    } finally {
      inFlight.close();
      failed.close();
      tasks.close();
      runLog.close();
    }
  } finally {
    unlock();
  }
}

/** What is told to the caller is written to the log as well. */
function withLog(options: RunOptions, logger: Logger, onComputed: () => void): RunOptions {
  // Every thread may say the same.
  const said = new Set<string>();
  return {
    ...options,
    onTask: (record) => {
      onComputed();
      const { id, work, from, to, milliseconds, failures } = record;
      logger.debug({ task: id, work, from, to, milliseconds, lost: failures.length }, 'task done');
      for (const failure of failures) logger.warn({ task: id, ...failure }, 'replicate lost');
      options.onTask?.(record);
    },
    onFailure: (failure) => {
      logger.error(failure, 'task failed');
      options.onFailure?.(failure);
    },
    onNote: (note) => {
      if (said.has(note)) return;
      said.add(note);
      logger.warn(note);
      options.onNote?.(note);
    },
  };
}

/**
 * Executes all cells; where an interval is asked for, doubles the replicates of those that do not have it, until they do or reach the most.
 *
 * Looking at an interval several times makes it optimistic, so the level is divided over the looks (Bonferroni).
 */
async function rounds(
  options: RunOptions,
  first: readonly CellPlan[],
  identity: CodeIdentity,
  store: Pick<ExecuteOptions, 'log' | 'failureLog' | 'inFlight'>,
): Promise<{ plans: readonly CellPlan[]; execution: Execution }> {
  const { expansion, plan } = options.prepared;
  const { replicates } = expansion;
  const engine = lazyEngine(options.engine);
  const isolation = lazyEngine(options.isolation);
  const counts = expansion.cells.map(() => firstReplicates(expansion));
  let plans = first;
  try {
    for (let round = 1; ; round++) {
      const execution = await execute({
        works: plans.flatMap(({ works }) => works),
        identity,
        ...store,
        engine,
        isolation,
        timeout: options.timeout ?? null,
        bundleMilliseconds: BUNDLE_MILLISECONDS,
        drain: options.drain,
        folder: options.folder,
        ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
        ...(options.onTask === undefined ? {} : { onTask: options.onTask }),
        ...(options.onFailure === undefined ? {} : { onFailure: options.onFailure }),
        ...(options.onNote === undefined ? {} : { onNote: options.onNote }),
      });
      if (replicates.kind === 'count' || execution.tasks.remaining > 0 || execution.tasks.failed > 0) return { plans, execution };
      const looks = Math.ceil(Math.log2(replicates.max / replicates.min)) + 1;
      const level = 1 - (1 - replicates.level) / looks;
      const loose = plans.flatMap(({ works, result }, k) =>
        counts[k] < replicates.max && !isTight(result(works.map(execution.outcome), level), replicates) ? [k] : [],
      );
      if (loose.length === 0) return { plans, execution };
      for (const k of loose) counts[k] = Math.min(replicates.max, 2 * counts[k]);
      plans = expansion.cells.map((cell, k) => (loose.includes(k) ? plan(cell, counts[k]) : (plans[k] as CellPlan)));
      options.onNote?.(`round ${round + 1}: more replicates for the ${loose.length} cells whose intervals are not tight yet`);
    }
  } finally {
    await engine.close();
    await isolation.close();
  }
}

/** True if every metric asked for (all, if none is named) is there, with an interval whose half-width is at most the target's share of its estimate. */
function isTight({ metrics }: CellResult, { target, metrics: names = Object.keys(metrics) }: TargetReplicates): boolean {
  return (
    names.length > 0 &&
    names.every((name) => name in metrics && metrics[name].high - metrics[name].low <= 2 * target * Math.abs(metrics[name].estimate))
  );
}

type TargetReplicates = Extract<Replicates, { kind: 'target' }>;

/** Short beside the wait for a drain or for a disk, long beside a message. */
const BUNDLE_MILLISECONDS = 10;

/** Threads start with the first task: where all is done, none do. */
function lazyEngine(start: () => Engine): Engine {
  let engine: Engine | null = null;
  const started = (): Engine => {
    engine ??= start();
    return engine;
  };
  return {
    get slots() {
      return started().slots;
    },
    run: (request, limit) => started().run(request, limit),
    runBundle: (requests, limit) => started().runBundle(requests, limit),
    close: async () => engine?.close(),
  };
}

function provenanceOf({ study }: Prepared, { code }: CodeIdentity): Promise<Provenance> {
  return provenance(shippedRoot, { study: study.name, studyVersion: study.version, code, target: process.env.ERGOFLOW_TARGET ?? 'auto' });
}

/** What this run computed, of all rounds together; the rest was there before. */
interface Spent {
  readonly computed: number;
  readonly seconds: number;
  /** Of this process and its threads. */
  readonly cpuSeconds: number;
}

async function writeResults(
  options: RunOptions,
  facts: Provenance,
  plans: readonly CellPlan[],
  execution: Execution,
  spent: Spent,
): Promise<Summary> {
  const { prepared, folder } = options;
  const { experiment, study, expansion, derived } = prepared;
  const results = plans.map(({ works, result }) => result(works.map(execution.outcome)));
  const cells = results.filter(({ metrics, count }) => count > 0 || Object.keys(metrics).length > 0);
  const level = Number((experiment.settings as { level?: number }).level ?? 0.95);
  const fits = study.fit(cells, derived, level);
  const { tasks, failures } = execution;
  const status = tasks.failed > 0 ? 'failed' : tasks.remaining > 0 ? 'drained' : 'done';
  const files: Record<string, string> = {};
  const manifest: Record<string, WrittenFile> = {};
  const arrow = (name: string, table: Table): void => {
    const file = `${name}.arrow`;
    manifest[file] = writeArrow(join(folder, file), table);
    files[name] = file;
  };
  arrow('metrics', metricsTable(study, cells));
  arrow('fits', fitsTable(study, fits));
  for (const [name, table] of cellTables(study, cells)) arrow(name, table);
  const documents = cells.length === 1 ? (cells[0].documents ?? {}) : {};
  for (const [file, text] of Object.entries(documents)) {
    writeArtefact(join(folder, file), text);
    const stem = file.replace(/\.\w+$/, '');
    files[stem in files ? file : stem] = file;
  }
  const data = dataOf(plans);
  if (Object.keys(data).length > 0) writeArtefact(join(folder, DATA), `${JSON.stringify(data, null, 2)}\n`);
  for (const work of plans.flatMap(({ works }) => works)) {
    for (const { file, rows, bytes, sha256 } of execution.records(work).flatMap((record) => record.files)) manifest[file] = { rows, bytes, sha256 };
  }
  if (Object.keys(manifest).some((name) => /\/trajectories\.[^/]*$/.test(name))) files.trajectories = 'trajectories/';
  files.experiment = RESOLVED;
  writeArtefact(join(folder, 'provenance.json'), `${JSON.stringify(facts, null, 2)}\n`);
  files.provenance = 'provenance.json';
  files.report = 'report.html';
  files.log = 'log.ndjson';
  files.manifest = 'manifest.json';
  const summary: Summary = {
    experiment: experiment.name,
    study: study.name,
    status,
    tasks: { ...tasks, reused: tasks.done - spent.computed },
    cells: cells.map(({ axes, count, failures: lost, metrics }) => ({ axes: { ...axes }, count, failures: { ...lost }, metrics: { ...metrics } })),
    fits: fits.map((fit) => ({ ...fit, where: { ...fit.where } })),
    answer: answerOf(cells),
    dropped: expansion.dropped.map((guard) => ({ ...guard })),
    failures: failures.map(({ id, kind, message }) => ({ task: id, kind, message })),
    files,
    seconds: spent.seconds,
    cpuSeconds: spent.cpuSeconds,
  };
  const figures = await drawFigures(summary, folder);
  writeArtefact(join(folder, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  writeArtefact(join(folder, 'report.html'), renderReport({ summary, figures, provenance: facts, experiment: prepared.resolved }));
  writeArtefact(join(folder, 'summary.json'), `${JSON.stringify(summary, null, 2)}\n`);
  return summary;
}

/** The answer of the run: that of its only cell, or one for each. */
function answerOf(cells: readonly CellResult[]): Record<string, unknown> {
  const answered = cells.flatMap(({ axes, answer }) => (answer === undefined ? [] : [{ axes: { ...axes }, answer }]));
  return answered.length === 0 ? {} : cells.length === 1 ? answered[0].answer : { cells: answered };
}

/** Name of the record of the data files that a run read, with their digests. */
export const DATA = 'data.json';

/** The files that the work reads, by path, with their digests. */
export function dataOf(plans: readonly Pick<CellPlan, 'works'>[]): Record<string, string> {
  const files = plans.flatMap(({ works }) => works.flatMap(({ files: read = {} }) => Object.entries(read)));
  return Object.fromEntries(files.map(([sha256, path]) => [path, sha256]));
}

async function drawFigures(summary: Summary, folder: string): Promise<DrawnFigure[]> {
  const metrics = [...new Set(summary.cells.flatMap(({ metrics: found }) => Object.keys(found)))];
  const drawn: DrawnFigure[] = [];
  for (const metric of metrics) {
    for (const { name, about, make } of FIGURES) {
      const spec = make(summary, metric);
      if (spec === null) continue;
      const svg = await renderSvg(spec);
      writeArtefact(join(folder, 'figures', `${name}-${fileName(metric)}.svg`), svg);
      drawn.push({ name, metric, about, svg });
    }
  }
  return drawn;
}

/** A metric's name as part of a file's name: `weak-error x^2` becomes `weak-error-x^2`. */
const fileName = (metric: string): string =>
  metric
    .replace(/[^A-Za-z0-9^_.-]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 60);
