/** Looks for damage in a result folder: the log of tasks, every Arrow file, and what the last run wrote of them. */
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { InputError, readYamlFile } from '@ergoflow/input';
import { summarySchema } from '@ergoflow/report';
import { checkFile, contradictions, FAILURES, type FailedTask, type FileRecord, readTaskLog, type TaskRecord } from '@ergoflow/runner';
import { changedFiles } from './checksums.ts';
import { type Prepared, prepare } from './prepare.ts';
import { RESOLVED } from './runExperiment.ts';

/** What was found. */
export interface Verified {
  /** In words, each with the file and what becomes of it. */
  readonly damage: readonly string[];
  /** Tasks whose results contradict each other, in words. */
  readonly alarms: readonly string[];
  /** Arrow files that were compared. */
  readonly files: number;
  /** What the log holds. */
  readonly records: readonly TaskRecord[];
  /** The experiment, if it can be read. */
  readonly prepared: Prepared | null;
}

/**
 * Verifies a folder.
 *
 * @param setAside Renames a task's damaged Arrow file to `….damaged`, so that the next run computes the task again; not while a run is at it.
 */
export function verifyResults(folder: string, setAside: boolean): Verified {
  const damage: string[] = [];
  const attempt = <T>(what: () => T, sayIf: (message: string) => string): T | null => {
    try {
      return what();
    } catch (error) {
      damage.push(sayIf(error instanceof InputError ? error.format() : (error as Error).message));
      return null;
    }
  };
  const log = attempt(
    () => readTaskLog<TaskRecord>(folder),
    (message) => message,
  );
  const failed = attempt(
    () => readTaskLog<FailedTask>(folder, FAILURES),
    (message) => message,
  );
  damage.push(...(log?.damage ?? []), ...(failed?.damage ?? []));
  const records = log?.records ?? [];
  const rewritten = (name: string, message: string): string => `${join(folder, name)}: ${message}; run writes it anew`;

  const ofTasks = new Map(records.flatMap((record) => record.files).map((record) => [record.file, record]));
  for (const record of ofTasks.values()) {
    const problem = checkFile(folder, record);
    if (problem === null) continue;
    const path = join(folder, record.file);
    if (setAside && existsSync(path)) renameSync(path, `${path}.damaged`);
    damage.push(`${path} ${problem}; its task will be computed again`);
  }
  const manifest = readJson(join(folder, 'manifest.json'), attempt, (message) => rewritten('manifest.json', message)) as Manifest | null;
  for (const [file, facts] of Object.entries(manifest ?? {})) {
    const record = ofTasks.get(file);
    if (record === undefined) {
      const problem = attempt(
        () => checkFile(folder, { file, ...facts }),
        (message) => rewritten(file, message),
      );
      if (problem !== null) damage.push(rewritten(file, problem));
    } else if (record.rows !== facts.rows || record.bytes !== facts.bytes || record.sha256 !== facts.sha256) {
      damage.push(rewritten('manifest.json', `what it says of ${file} is not what its task recorded`));
    }
  }
  const summary = readJson(join(folder, 'summary.json'), attempt, (message) => rewritten('summary.json', message));
  if (summary !== null) {
    attempt(
      () => summarySchema.parse(summary),
      () => rewritten('summary.json', 'is no summary'),
    );
  }
  readJson(join(folder, 'provenance.json'), attempt, (message) => rewritten('provenance.json', message));
  const named = damage.join('\n');
  for (const { name, problem } of changedFiles(folder)) if (!named.includes(`${join(folder, name)}: `)) damage.push(rewritten(name, problem));
  const prepared = attempt(
    () => prepare(readYamlFile(join(folder, RESOLVED)), []),
    (message) => `${message}; run writes it anew`,
  );
  const alarms = contradictions(records).map(({ task, from, to, problem }) => `task ${task} (replicates ${from} to ${to - 1}) ${problem}`);
  return { damage, alarms, files: new Set([...ofTasks.keys(), ...Object.keys(manifest ?? {})]).size, records, prepared };
}

type Manifest = Readonly<Record<string, Omit<FileRecord, 'file'>>>;

/** A run that did not come to its end has not written it: that is no damage. */
function readJson(
  path: string,
  attempt: <T>(what: () => T, sayIf: (message: string) => string) => T | null,
  sayIf: (message: string) => string,
): unknown {
  return existsSync(path) ? attempt(() => JSON.parse(readFileSync(path, 'utf8')) as unknown, sayIf) : null;
}
