/**
 * The durable record of finished tasks: an append-only file of framed records.
 *
 * Header `ergoflow-tasks 1\n`; then per record its length and CRC-32 (both unsigned 32-bit, little-endian) and its bytes, JSON in UTF-8. Records that are
 * waiting are written together and made durable by one fdatasync. A record that a crash cut short is dropped when the file is opened; so is one whose
 * checksum is wrong, and what is lost is computed again.
 */
import { closeSync, existsSync, fdatasyncSync, fstatSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { syncFolder } from './artefact.ts';

const HEADER = Buffer.from('ergoflow-tasks 1\n');
const FRAME = 8;
/** Far above any record; a length beyond it is damage. */
const LONGEST = 2 ** 30;

/** An open log. */
export interface TaskLog<T> {
  /** The records that were there, in order. */
  readonly records: readonly T[];
  /** What was dropped, in words for a person. */
  readonly damage: readonly string[];
  /** Adds a record; resolves when it is durable. */
  append(record: T): Promise<void>;
  close(): void;
}

/**
 * Opens a folder's log for reading and appending.
 *
 * @throws Error if the file is of another format or version.
 */
export function openTaskLog<T>(folder: string): TaskLog<T> {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'tasks.log');
  const isNew = !existsSync(path);
  const file = openSync(path, isNew ? 'w+' : 'r+');
  if (isNew) {
    writeSync(file, HEADER, 0, HEADER.length, 0);
    fdatasyncSync(file);
    syncFolder(folder);
  }
  const { records, damage, end } = scan<T>(readFileSync(path), path);
  if (end === 0) {
    ftruncateSync(file, 0);
    writeSync(file, HEADER, 0, HEADER.length, 0);
  } else if (end < fstatSync(file).size) ftruncateSync(file, end);
  let position = Math.max(end, HEADER.length);
  let waiting: { readonly bytes: Buffer; readonly resolve: () => void; readonly reject: (error: unknown) => void }[] = [];
  let scheduled = false;

  function flush(): void {
    scheduled = false;
    const batch = waiting;
    waiting = [];
    if (batch.length === 0) return;
    try {
      const bytes = Buffer.concat(batch.map((entry) => entry.bytes));
      for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written, bytes.length - written, position + written);
      fdatasyncSync(file);
      position += bytes.length;
      for (const { resolve } of batch) resolve();
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  return {
    records,
    damage,
    append: (record) =>
      new Promise((resolve, reject) => {
        const payload = Buffer.from(JSON.stringify(record));
        const frame = Buffer.alloc(FRAME);
        frame.writeUInt32LE(payload.length, 0);
        frame.writeUInt32LE(crc32(payload), 4);
        waiting.push({ bytes: Buffer.concat([frame, payload]), resolve, reject });
        if (!scheduled) {
          scheduled = true;
          setTimeout(flush, GROUP_MILLISECONDS);
        }
      }),
    close() {
      flush();
      closeSync(file);
    },
  };
}

/** Records that finish within this time share one fdatasync: a result is durable after at most this and the disk's own time. */
const GROUP_MILLISECONDS = 20;

/** Reads a log without opening it for writing. */
export function readTaskLog<T>(folder: string): { readonly records: readonly T[]; readonly damage: readonly string[] } {
  const path = join(folder, 'tasks.log');
  return existsSync(path) ? scan<T>(readFileSync(path), path) : { records: [], damage: [] };
}

/** The complete records, and where the last of them ends. */
function scan<T>(bytes: Buffer, path: string): { readonly records: T[]; readonly damage: string[]; readonly end: number } {
  const records: T[] = [];
  const damage: string[] = [];
  if (bytes.length < HEADER.length && HEADER.subarray(0, bytes.length).equals(bytes)) {
    return { records, damage: bytes.length === 0 ? [] : [`${path}: the header was cut short; the log begins anew`], end: 0 };
  }
  if (!bytes.subarray(0, HEADER.length).equals(HEADER)) throw new Error(`${path} is not a task log of version 1`);
  let at = HEADER.length;
  while (at < bytes.length) {
    const length = at + FRAME <= bytes.length ? bytes.readUInt32LE(at) : LONGEST + 1;
    if (length > LONGEST || at + FRAME + length > bytes.length) {
      damage.push(`${path}: bytes ${at} to ${bytes.length} are an incomplete record and are dropped`);
      break;
    }
    const payload = bytes.subarray(at + FRAME, at + FRAME + length);
    if (crc32(payload) === bytes.readUInt32LE(at + 4)) records.push(JSON.parse(payload.toString('utf8')) as T);
    else damage.push(`${path}: the record in bytes ${at} to ${at + FRAME + length} is damaged and will be computed again`);
    at += FRAME + length;
  }
  return { records, damage, end: at };
}
