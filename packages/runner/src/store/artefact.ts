/** Files that are there whole or not at all: written beside, made durable, renamed. */
import { closeSync, fdatasync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { threadId } from 'node:worker_threads';

/** A file that is being written. */
export interface OpenArtefact {
  /** Adds bytes, which may change afterwards. @throws The file system's error; then {@link OpenArtefact.discard}. */
  write(bytes: Uint8Array): void;
  /** Makes it durable and gives it its name. @throws The file system's error; nothing is left beside. */
  close(): void;
  /** Leaves nothing. */
  discard(): void;
}

/** After so many bytes the disk is told to begin with them, so that little is left to wait for in the end. */
const EARLY_BYTES = 2 ** 24;

/** Opens a file so that a crash leaves the old one or the new one; beside it, at worst, a file `….tmp` that nothing reads. @throws The file system's error. */
export function openArtefact(path: string): OpenArtefact {
  mkdirSync(dirname(path), { recursive: true });
  const beside = `${path}.${process.pid}-${threadId}.tmp`;
  const file = openSync(beside, 'w');
  const writeOut = earlyWriter(beside);
  let isOpen = true;
  let early = EARLY_BYTES;
  const shut = (): void => {
    if (isOpen) closeSync(file);
    isOpen = false;
    writeOut.close();
  };
  const discard = (): void => {
    shut();
    rmSync(beside, { force: true });
  };
  return {
    write(bytes) {
      for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
      early -= bytes.length;
      if (early > 0) return;
      early = EARLY_BYTES;
      writeOut.begin();
    },
    close() {
      try {
        fsyncSync(file);
        shut();
        renameSync(beside, path);
      } catch (error) {
        discard();
        throw error;
      }
      syncFolder(dirname(path));
    },
    discard,
  };
}

/**
 * Lets the disk write what a file has so far, while this thread goes on.
 *
 * It has an open file of its own: each tells an error of the disk once, and the one that counts must still hear of it at its fsync.
 */
function earlyWriter(path: string): { begin(): void; close(): void } {
  let file: number | null = null;
  let running = 0;
  let isClosed = false;
  const end = (): void => {
    if (!isClosed || running > 0 || file === null) return;
    closeSync(file);
    file = null;
  };
  return {
    begin() {
      try {
        file ??= openSync(path, 'r+');
      } catch {
        // Without it the end takes longer.
        return;
      }
      running++;
      fdatasync(file, () => {
        running--;
        end();
      });
    },
    close() {
      isClosed = true;
      end();
    },
  };
}

/**
 * Writes a file whole or not at all, as {@link openArtefact}.
 *
 * @param content All of it.
 * @throws The file system's error; nothing is left beside.
 */
export function writeArtefact(path: string, content: string | Uint8Array): void {
  const file = openArtefact(path);
  try {
    file.write(typeof content === 'string' ? Buffer.from(content) : content);
  } catch (error) {
    file.discard();
    throw error;
  }
  file.close();
}

/** Makes the names in a folder durable. */
export function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
