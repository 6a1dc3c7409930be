/**
 * Compiled libraries on disk, by the digest of all that they depend on; shared by all threads and processes of a user.
 *
 * An entry is a file named by the digest of its sources that holds the digest of its library; both appear by renaming, the entry last, so that what
 * can be read is whole. Those who miss the same entry at once elect one of them to compile, by a hard link; the others wait. If that one dies, or
 * links are unknown to the file system, more than one compiles: wasteful, never wrong.
 */
import { createHash, randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, mkdirSync, mkdtempSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import { env, kill, pid } from 'node:process';
import { type Arithmetic, type Compiler, compileLibrary, type Failure, flagsOf, PATIENCE } from './compiler.ts';

/** A library that can be loaded, or why there is none. */
export type Found = { readonly path: string } | Failure;

/** The folder of compiled kernels: `ERGOFLOW_CACHE`, else `ergoflow` in `XDG_CACHE_HOME`, else in `~/.cache`. */
export function cacheFolder(): string {
  return join(env.ERGOFLOW_CACHE || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'ergoflow'), 'kernels');
}

/** Where a source's entry stands, and under which folder. */
function entryOf(source: string, compiler: Compiler, arithmetic: Arithmetic): { readonly folder: string; readonly entry: string } {
  const folder = cacheFolder();
  return { folder, entry: join(folder, digestOf(JSON.stringify([source, flagsOf(arithmetic), compiler.identity])).slice(0, 32)) };
}

/** Whether a source was compiled before. */
export function isCompiled(source: string, compiler: Compiler, arithmetic: Arithmetic = 'exact'): boolean {
  const { folder, entry } = entryOf(source, compiler, arithmetic);
  return read(folder, entry) !== undefined;
}

/** Gives the library of a source, compiled now or before. */
export function libraryOf(source: string, compiler: Compiler, arithmetic: Arithmetic = 'exact'): Found {
  const { folder, entry } = entryOf(source, compiler, arithmetic);
  try {
    const known = read(folder, entry);
    if (known !== undefined) return { path: known };
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return elected(entry, () => read(folder, entry)) ?? build(folder, entry, source, compiler, arithmetic);
  } catch (error) {
    return { reason: `the cache folder ${folder} cannot be used: ${error instanceof Error ? error.message : error}`, lasting: true };
  }
}

const digestOf = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const libraryPath = (folder: string, digest: string): string => join(folder, `${digest.slice(0, 32)}.so`);
const lockOf = (entry: string): string => `${entry}.lock`;

/** A library whose bytes are not those of its entry is as good as none: loading it could end the process. */
function read(folder: string, entry: string): string | undefined {
  try {
    const digest = readFileSync(entry, 'utf8');
    const path = libraryPath(folder, digest);
    return digestOf(readFileSync(path)) === digest ? path : undefined;
  } catch {
    return undefined;
  }
}

function build(folder: string, entry: string, source: string, compiler: Compiler, arithmetic: Arithmetic): Found {
  let place: string | undefined;
  try {
    place = mkdtempSync(join(folder, 'build-'));
    const [text, library] = [join(place, 'kernel.c'), join(place, 'kernel.so')];
    writeFileSync(text, source);
    const failure = compileLibrary(compiler, text, library, arithmetic);
    if (failure !== undefined) return failure;
    const digest = digestOf(readFileSync(library));
    const path = libraryPath(folder, digest);
    publish(library, path);
    const note = join(place, 'entry');
    writeFileSync(note, digest);
    publish(note, entry);
    return { path };
  } finally {
    if (place !== undefined) rmSync(place, { recursive: true, force: true });
    rmSync(lockOf(entry), { force: true });
  }
}

/** On disk first, then under its name. */
function publish(from: string, to: string): void {
  const file = openSync(from, 'r+');
  fsyncSync(file);
  closeSync(file);
  renameSync(from, to);
}

/** How often, in milliseconds, those who wait look. */
const PAUSE = 10;

/** Waits until the entry is there, and gives it; or gives undefined to the one who shall compile. */
function elected(entry: string, ready: () => string | undefined): Found | undefined {
  const lock = lockOf(entry);
  const own = `${lock}.${randomUUID()}`;
  writeFileSync(own, JSON.stringify({ host: hostname(), pid, start: startOf(pid) }));
  try {
    for (let waited = 0; waited < PATIENCE; waited += PAUSE) {
      try {
        linkSync(own, lock);
        // It may have been finished between the look and the election.
        const path = ready();
        if (path === undefined) return undefined;
        rmSync(lock, { force: true });
        return { path };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return undefined;
      }
      if (isAbandoned(lock)) rmSync(lock, { force: true });
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE);
      const path = ready();
      if (path !== undefined) return { path };
    }
    return undefined;
  } finally {
    rmSync(own, { force: true });
  }
}

/** Whether the lock's holder is a process of this machine that no longer runs. */
function isAbandoned(lock: string): boolean {
  try {
    const holder = JSON.parse(readFileSync(lock, 'utf8')) as { readonly host: string; readonly pid: number; readonly start: string };
    if (holder.host !== hostname()) return false;
    try {
      kill(holder.pid, 0);
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ESRCH';
    }
    return startOf(holder.pid) !== holder.start;
  } catch {
    return false;
  }
}

/** When a process began, by the kernel's count: a number of a process that has ended is given to another one. */
function startOf(of: number): string {
  try {
    const text = readFileSync(`/proc/${of}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')')).split(' ')[20] ?? '';
  } catch {
    return '';
  }
}
