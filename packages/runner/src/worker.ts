/** What a worker does with a request: runs the task, and turns whatever happens into a value. */
import { join } from 'node:path';
import { type ArrowFile, openArrow } from './arrow/writeArrow.ts';
import { canonicalJson } from './identity.ts';
import type { MomentsRecord } from './statistics/moments.ts';
import type { JsonObject, KeepRows, Outcome, RunLongTask, RunTask, TaskFailure, TaskRequest } from './work.ts';

/** An Arrow file that a task left: recorded outside the file, as the format has no checksum. */
export interface FileRecord {
  /** Relative to the result folder. */
  readonly file: string;
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** What a worker answers: errors travel as values, since a thread's exceptions lose their fields on the way. */
export type WorkerAnswer =
  | {
      readonly ok: true;
      readonly moments: Readonly<Record<string, MomentsRecord>>;
      readonly failures: readonly TaskFailure[];
      readonly files: readonly FileRecord[];
      readonly answer?: JsonObject;
      readonly milliseconds: number;
      /** What a person should know although the result does not depend on it. */
      readonly notes: readonly string[];
    }
  | {
      readonly ok: false;
      readonly name: string;
      readonly message: string;
      readonly stack: string;
      /** What failed is the machine, such as a full disk: the same task may succeed another time. */
      readonly isSystem: boolean;
    };

/** A request with the place for its files. */
export interface WorkerRequest extends TaskRequest {
  /** The result folder, and the folder in it for this task's tables; null where none are kept. */
  readonly tables: { readonly root: string; readonly folder: string } | null;
}

/**
 * Makes the function that a worker module exports by default.
 *
 * @param tasks Gives a study's task by kind.
 * @param notes Tells what there is to say after a task; default nothing.
 */
export function workerTask(
  tasks: (study: string, kind: string) => RunTask | RunLongTask,
  notes: () => readonly string[] = () => [],
): (request: WorkerRequest) => Promise<WorkerAnswer> {
  return async (request) => {
    try {
      const start = performance.now();
      const tables = tableFiles(request);
      try {
        const outcome: unknown = await tasks(request.study, request.kind)(request, tables.keep);
        if (!isOutcome(outcome)) throw new TypeError(`a task must return its moments and failures, got ${describe(outcome)}`);
        const { moments, failures, answer } = outcome;
        // What JSON cannot hold, such as NaN, would come back from the log as something else.
        if (answer !== undefined) canonicalJson(answer);
        const files = tables.close();
        return {
          ok: true,
          moments,
          failures,
          files,
          ...(answer === undefined ? {} : { answer }),
          milliseconds: performance.now() - start,
          notes: notes(),
        };
      } finally {
        tables.discard();
      }
    } catch (error) {
      return errorAnswer(error);
    }
  };
}

/** The files of a task's tables: opened with the first rows, there when closed; those that were not are discarded. */
function tableFiles({ tables, from, to }: WorkerRequest): { readonly keep: KeepRows; close(): FileRecord[]; discard(): void } {
  const open = new Map<string, ArrowFile>();
  const fileOf = (name: string, folder: string): string => join(folder, `${name}.${from}-${to}.arrow`);
  return {
    keep(name, rows) {
      if (tables === null) return;
      const file = open.get(name) ?? openArrow(join(tables.root, fileOf(name, tables.folder)));
      open.set(name, file);
      file.write(rows);
    },
    close: () =>
      [...open].map(([name, file]) => {
        open.delete(name);
        return { file: fileOf(name, tables?.folder ?? ''), ...file.close() };
      }),
    discard() {
      for (const file of open.values()) file.discard();
    },
  };
}

/** The answer for what a task threw. */
export function errorAnswer(thrown: unknown): WorkerAnswer {
  const error = thrown instanceof Error ? thrown : new Error(`a task threw ${describe(thrown)}, which is no Error`);
  return { ok: false, name: error.name, message: error.message, stack: error.stack ?? '', isSystem: 'syscall' in error };
}

function isOutcome(value: unknown): value is Outcome {
  return typeof value === 'object' && value !== null && 'moments' in value && 'failures' in value;
}

/** What is no error or outcome in words; an object without a prototype has no text of its own. */
function describe(value: unknown): string {
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
