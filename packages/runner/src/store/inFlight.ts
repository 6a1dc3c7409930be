/**
 * Which tasks were running when a run ended without a word: a task can take the whole process with it, and the next run must not run into it again.
 *
 * The file `running` has lines of fixed size with identities of tasks: first the suspects that have not run yet, then a region for each bundle of tasks at the
 * engine. A region keeps what it held last until it is used again; who ended since then is done or failed, and suspicion does not harm. It is written without
 * fsync: it has to outlive the process, not the machine. A run that ends in order removes it.
 */
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** SHA-256 in hexadecimal and a line end. */
const LINE = 65;

/** Most tasks of one bundle. */
export const MOST_OF_A_BUNDLE = 128;

/** The tasks that run. */
export interface InFlight {
  /** Identities of those that ran when the run before ended without a word; each is one of the reasons that it may have had. */
  readonly suspects: ReadonlySet<string>;
  /** Notes that tasks run, at most {@link MOST_OF_A_BUNDLE}; the function notes that they no longer do. */
  enter(ids: readonly string[]): () => void;
  /** Removes the file, but for suspects that have not run: the run ended in order. */
  close(): void;
}

/** Opens a folder's list, which must exist. @throws The file system's error. */
export function openInFlight(folder: string): InFlight {
  const path = join(folder, 'running');
  const suspects = new Set((existsSync(path) ? readFileSync(path, 'latin1') : '').match(/[0-9a-f]{64}/g));
  const waiting = new Set(suspects);
  const file = openSync(path, 'w');
  const write = (ids: Iterable<string>, line: number): void => {
    const text = [...ids].map((id) => `${id.padEnd(LINE - 1)}\n`).join('');
    if (text !== '') writeSync(file, text, line * LINE, 'latin1');
  };
  write(suspects, 0);
  const busy: boolean[] = [];
  return {
    suspects,
    enter(ids) {
      const free = busy.indexOf(false);
      const region = free < 0 ? busy.length : free;
      busy[region] = true;
      write(ids, suspects.size + region * MOST_OF_A_BUNDLE);
      return () => {
        busy[region] = false;
        for (const id of ids) waiting.delete(id);
      };
    },
    close() {
      closeSync(file);
      rmSync(path, { force: true });
      if (waiting.size === 0) return;
      const rest = openSync(path, 'w');
      writeSync(rest, [...waiting].join('\n'), 0, 'latin1');
      closeSync(rest);
    },
  };
}

/** A list that nobody keeps, for runs without a folder. */
export const NOTHING_IN_FLIGHT: InFlight = { suspects: new Set(), enter: () => () => {}, close: () => {} };
