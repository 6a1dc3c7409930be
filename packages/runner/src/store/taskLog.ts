/**
 * The durable record of finished tasks: an append-only text file with a checksum in each line.
 *
 * Header `ergoflow-tasks 1`; then for each record a line: the CRC-32 of its JSON as 8 hexadecimal digits, a space, the JSON in UTF-8. A record brings a line
 * end before and after itself, so neither a torn end nor a damaged line end costs more than one record, and reading goes on behind any damage. Records that
 * wait are written together and made durable by one fdatasync. What a crash cut short or a checksum disowns is dropped and named; it is computed again.
 */
import { closeSync, existsSync, fdatasync, fdatasyncSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { syncFolder } from './artefact.ts';

const HEADER = Buffer.from('ergoflow-tasks 1\n');
const LINE_END = 0x0a;
/** How a header begins, of whatever version. */
const OTHER_VERSION = /^ergoflow-tasks (?!1\D)\d/;
/** 8 digits and a space. */
const CHECKSUM = 9;

/** The log of finished tasks in a result folder. */
const TASKS = 'tasks.log';

/** Records that finish within this time share one fdatasync: a result is durable after at most this and the disk's own time. */
const GROUP_MILLISECONDS = 20;

/** An open log. */
export interface TaskLog<T> {
  /** The records that are durable, in order: those that were there and those appended since. */
  readonly records: readonly T[];
  /** What was dropped, in words for a person. */
  readonly damage: readonly string[];
  /**
   * Adds a record; resolves when it is durable.
   *
   * @throws The file system's error. From then on every append fails with it: after a failed fdatasync nobody knows what the disk has.
   */
  append(record: T): Promise<void>;
  /** Writes what waits, and closes the file; what comes while a group is on its way to the disk is refused. */
  close(): void;
}

/**
 * Opens a folder's log for reading and appending. Not checked: that nobody else has it open.
 *
 * @param name Its file; default that of finished tasks.
 * @throws Error if the file is of another format or version; it is left as it is.
 */
export function openTaskLog<T>(folder: string, name: string = TASKS): TaskLog<T> {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  const { records, damage, end, rubbish } = scan<T>(bytes, path);
  const file = openSync(path, bytes.length === 0 ? 'w' : 'r+');
  ftruncateSync(file, end);
  // Named once, it need not be named at every opening.
  for (const [from, to] of rubbish) writeAll(file, Buffer.alloc(to - from, LINE_END), from);
  if (!bytes.subarray(0, HEADER.length).equals(HEADER)) {
    writeAll(file, HEADER, 0);
    fdatasyncSync(file);
    syncFolder(folder);
  }
  let position = Math.max(end, HEADER.length);
  let waiting: Waiting<T>[] = [];
  let timer: NodeJS.Timeout | null = null;
  let isSyncing = false;
  let isClosed = false;
  let broken: { readonly error: unknown } | null = null;

  /** Writes what waits; gives null where that failed. */
  function write(): Waiting<T>[] | null {
    const batch = waiting;
    waiting = [];
    try {
      if (broken !== null) throw broken.error;
      const lines = Buffer.from(batch.map(({ line }) => line).join(''));
      writeAll(file, lines, position);
      position += lines.length;
      return batch;
    } catch (error) {
      fail(batch, error);
      return null;
    }
  }

  function fail(batch: readonly Waiting<T>[], error: unknown): void {
    broken ??= { error };
    for (const { reject } of batch) reject(error);
  }

  function succeed(batch: readonly Waiting<T>[]): void {
    for (const { record, resolve } of batch) {
      records.push(record);
      resolve();
    }
  }

  /** This thread goes on while the disk writes; what comes meanwhile is the next group. */
  function flush(): void {
    timer = null;
    const batch = write();
    if (batch === null) return;
    isSyncing = true;
    fdatasync(file, (error) => {
      isSyncing = false;
      if (error === null) succeed(batch);
      else fail(batch, error);
      if (isClosed) closeSync(file);
      else if (waiting.length > 0) timer ??= setTimeout(flush, GROUP_MILLISECONDS);
    });
  }

  return {
    records,
    damage,
    append: (record) =>
      new Promise((resolve, reject) => {
        if (broken !== null) return reject(broken.error);
        waiting.push({ record, line: lineOf(record), resolve, reject });
        if (!isSyncing) timer ??= setTimeout(flush, GROUP_MILLISECONDS);
      }),
    close() {
      if (isClosed) return;
      isClosed = true;
      if (timer !== null) clearTimeout(timer);
      const closed = new Error(`${path} is closed`);
      if (isSyncing) {
        // Of two fdatasyncs at once only one would hear of an error.
        fail(waiting.splice(0), closed);
        return;
      }
      const batch = waiting.length > 0 ? write() : null;
      if (batch !== null) {
        try {
          fdatasyncSync(file);
          succeed(batch);
        } catch (error) {
          fail(batch, error);
        }
      }
      broken ??= { error: closed };
      closeSync(file);
    },
  };
}

/** A record whose group has not been written. */
interface Waiting<T> {
  readonly record: T;
  readonly line: string;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Reads a log without opening it for writing. @throws Error as {@link openTaskLog}. */
export function readTaskLog<T>(folder: string, name: string = TASKS): { readonly records: readonly T[]; readonly damage: readonly string[] } {
  const path = join(folder, name);
  const { records, damage } = scan<T>(existsSync(path) ? readFileSync(path) : Buffer.alloc(0), path);
  return { records, damage };
}

function lineOf(record: unknown): string {
  const json = JSON.stringify(record);
  return `\n${checksum(json)} ${json}\n`;
}

const checksum = (json: string | Buffer): string => crc32(json).toString(16).padStart(8, '0');

function writeAll(file: number, bytes: Buffer, position: number): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written, bytes.length - written, position + written);
}

/** What a log's bytes hold. */
interface Scanned<T> {
  readonly records: T[];
  readonly damage: string[];
  /** Where a torn last line begins, or the end of the file. */
  readonly end: number;
  /** Damaged lines before it, from and to. */
  readonly rubbish: readonly (readonly [number, number])[];
}

function scan<T>(bytes: Buffer, path: string): Scanned<T> {
  const records: T[] = [];
  const rubbish: [number, number][] = [];
  const damage: string[] = [];
  if (bytes.length < HEADER.length && HEADER.subarray(0, bytes.length).equals(bytes)) {
    return { records, damage: bytes.length === 0 ? [] : [`${path}: the header was cut short; the log begins anew`], end: 0, rubbish };
  }
  let end = bytes.length;
  for (let from = HEADER.length; from < bytes.length; ) {
    const next = bytes.indexOf(LINE_END, from);
    const to = next < 0 ? bytes.length : next;
    const record = to === from ? null : recordIn<T>(bytes.subarray(from, to));
    if (record !== null) records.push(record.value);
    else if (next < 0) {
      damage.push(`${path}: bytes ${from} to ${to} are a record that was cut short; its task will be computed again`);
      end = from;
    } else if (to > from) {
      damage.push(`${path}: bytes ${from} to ${to} are damaged; what they recorded will be computed again`);
      rubbish.push([from, to]);
    }
    from = to + 1;
  }
  const header = bytes.subarray(0, HEADER.length);
  if (!header.equals(HEADER)) {
    if (OTHER_VERSION.test(header.toString('latin1')) || (records.length === 0 && !isNearly(header, HEADER))) {
      throw new Error(`${path} must begin with "${HEADER.toString().trim()}", so it is of another version or damaged: move it away to compute anew`);
    }
    damage.push(`${path}: bytes 0 to ${HEADER.length} are a damaged header; it will be written anew, no record is lost by it`);
  }
  return { records, damage, end, rubbish };
}

/** Tells whether most of the bytes agree. */
function isNearly(a: Buffer, b: Buffer): boolean {
  return b.filter((byte, k) => byte === a[k]).length > 0.7 * b.length;
}

/** The record of a line, or null if it is damaged. */
function recordIn<T>(line: Buffer): { readonly value: T } | null {
  const json = line.subarray(CHECKSUM);
  if (line.subarray(0, CHECKSUM).toString('latin1') !== `${checksum(json)} `) return null;
  try {
    return { value: JSON.parse(json.toString()) as T };
  } catch {
    return null;
  }
}
