/** One run at a time in a result folder. */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { InputError } from '@ergoflow/input';

/** Who holds a lock. */
export interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Boot of the machine and start of the process in the kernel's ticks, so that a number that was given again is not taken for the holder. */
  readonly start: string | null;
}

/**
 * Locks a folder; a lock whose holder is no more is taken over.
 *
 * The lock appears with its content by one link, so nobody reads half of it; a stale one is moved away and read again before it counts as stale.
 *
 * @returns What unlocks it.
 * @throws InputError naming the process that holds it.
 */
export function lockFolder(folder: string): () => void {
  const path = join(folder, 'lock');
  const own = `${path}.${process.pid}.tmp`;
  writeFileSync(own, JSON.stringify({ pid: process.pid, host: hostname(), start: startOf(process.pid) } satisfies Holder));
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      try {
        linkSync(own, path);
        return () => rmSync(path, { force: true });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        const holder = holderOf(folder);
        if (holder !== null) {
          throw new InputError(
            `${folder} is in use by process ${holder.pid} on ${holder.host}: wait for it, or choose another folder with --out`,
            null,
          );
        }
        removeStale(path);
      }
    }
  } finally {
    rmSync(own, { force: true });
  }
  throw new InputError(`${folder} could not be locked: another run takes it at this moment`, null);
}

/** Two runs that find a stale lock at once settle it in a few tries. */
const ATTEMPTS = 5;

/** Tells who holds a folder's lock; null if nobody does, or the holder is no more. */
export function holderOf(folder: string): Holder | null {
  const holder = readHolder(join(folder, 'lock'));
  return holder !== null && isAlive(holder) ? holder : null;
}

/** Between the look and the removal another run may have taken the lock: what was moved away is looked at again, and put back if it is alive. */
function removeStale(path: string): void {
  const aside = `${path}.${process.pid}.stale`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const holder = readHolder(aside);
  if (holder !== null && isAlive(holder)) {
    try {
      linkSync(aside, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  rmSync(aside, { force: true });
}

function readHolder(path: string): Holder | null {
  try {
    const { pid, host, start } = JSON.parse(readFileSync(path, 'utf8')) as Holder;
    return Number.isInteger(pid) && typeof host === 'string' ? { pid, host, start } : null;
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

/** The boot's identity and field 22 of /proc/<pid>/stat; null where there are no such files. */
function startOf(pid: number): string | null {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return `${boot} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''}`;
  } catch {
    return null;
  }
}
