/**
 * Which tasks were running when a run ended without a word: a task can take the whole process with it, and the next run must not run into it again.
 *
 * The file `running` has a place of fixed size for each slot, with the identity of its task or blanks. It is written without fsync: it has to outlive the
 * process, not the machine. A run that ends in order removes it.
 */
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** SHA-256 in hexadecimal and a line end. */
const PLACE = 65;

/** The tasks that run. */
export interface InFlight {
  /** Identities of those that ran when the run before ended without a word; each is one of the reasons that it may have had. */
  readonly suspects: ReadonlySet<string>;
  /** Notes that a task runs; the function notes that it no longer does. */
  enter(id: string): () => void;
  /** Removes the file: the run ended in order. */
  close(): void;
}

/** Opens a folder's list, which must exist. @throws The file system's error. */
export function openInFlight(folder: string): InFlight {
  const path = join(folder, 'running');
  const suspects = new Set((existsSync(path) ? readFileSync(path, 'latin1') : '').match(/[0-9a-f]{64}/g));
  const file = openSync(path, 'w');
  // A suspect keeps its place until it has run, however many runs that takes.
  const places: (string | null)[] = [...suspects];
  const write = (place: number, id: string | null): void => {
    places[place] = id;
    writeSync(file, `${(id ?? '').padEnd(PLACE - 1)}\n`, place * PLACE, 'latin1');
  };
  for (const [place, id] of places.entries()) write(place, id);
  return {
    suspects,
    enter(id) {
      const own = suspects.has(id) ? places.indexOf(id) : -1;
      const free = own >= 0 ? own : places.indexOf(null);
      const place = free >= 0 ? free : places.length;
      write(place, id);
      return () => write(place, null);
    },
    close() {
      closeSync(file);
      if (places.every((id) => id === null)) rmSync(path, { force: true });
    },
  };
}

/** A list that nobody keeps, for runs without a folder. */
export const NOTHING_IN_FLIGHT: InFlight = { suspects: new Set(), enter: () => () => {}, close: () => {} };
