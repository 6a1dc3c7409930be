/** One run at a time in a result folder. */
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { InputError } from '@ergoflow/input';

interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Start time of the process in the kernel's ticks, so that a number that was given again is not taken for the holder. */
  readonly start: string | null;
}

/**
 * Locks a folder; a lock whose holder is no more is taken over.
 *
 * @returns What unlocks it.
 * @throws InputError naming the process that holds it.
 */
export function lockFolder(folder: string): () => void {
  const path = join(folder, 'lock');
  const own: Holder = { pid: process.pid, host: hostname(), start: startOf(process.pid) };
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const file = openSync(path, 'wx');
      writeSync(file, JSON.stringify(own));
      closeSync(file);
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const holder = readHolder(path);
      if (holder !== null && isAlive(holder)) {
        throw new InputError(
          `${folder} is in use by process ${holder.pid} on ${holder.host}: wait for it, or choose another folder with --out`,
          null,
        );
      }
      rmSync(path, { force: true });
    }
  }
  throw new InputError(`${folder} could not be locked: another run takes it at this moment`, null);
}

function readHolder(path: string): Holder | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder;
  } catch {
    return null;
  }
}

/** On another host nothing can be asked: its lock holds. */
function isAlive({ pid, host, start }: Holder): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return start === null || start === startOf(pid);
}

/** Field 22 of /proc/<pid>/stat; null where there is no such file. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}
