/** Files that are there whole or not at all: written beside, made durable, renamed. */
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { threadId } from 'node:worker_threads';

/**
 * Writes a file so that a crash leaves the old one or the new one; beside it, at worst, a file `….tmp` that nothing reads.
 *
 * @param content All of it, or its parts in order, which are asked for one by one.
 * @throws The file system's error; nothing is left beside.
 */
export function writeArtefact(path: string, content: string | Uint8Array | Iterable<Uint8Array>): void {
  mkdirSync(dirname(path), { recursive: true });
  const beside = `${path}.${process.pid}-${threadId}.tmp`;
  try {
    const parts = typeof content === 'string' ? [Buffer.from(content)] : content instanceof Uint8Array ? [content] : content;
    const file = openSync(beside, 'w');
    try {
      for (const part of parts) for (let written = 0; written < part.length; ) written += writeSync(file, part, written);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
  syncFolder(dirname(path));
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
