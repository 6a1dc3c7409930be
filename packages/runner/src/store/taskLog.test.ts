import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openTaskLog, readTaskLog, type TaskLog } from './taskLog.ts';

/** How often a call of the file system was made, which of them fails, and what happens when the disk is asked to sync. */
const disk = vi.hoisted(() => ({ calls: new Map<string, number>(), fails: '', onSync: () => {} }));

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const watched = <A extends unknown[], R>(name: string, act: (...given: A) => R) => {
    return (...given: A): R => {
      disk.calls.set(name, (disk.calls.get(name) ?? 0) + 1);
      if (disk.fails === name) throw Object.assign(new Error(`${name} failed`), { code: 'ENOSPC' });
      return act(...given);
    };
  };
  // Short writes are allowed by POSIX; this one never writes more than 100 bytes.
  const shortWrite = (file: number, bytes: Buffer, from: number, length: number, position: number): number =>
    fs.writeSync(file, bytes, from, Math.min(length, 100), position);
  const fdatasync = (file: number, done: (error: Error | null) => void): void => {
    disk.calls.set('fdatasync', (disk.calls.get('fdatasync') ?? 0) + 1);
    disk.onSync();
    fs.fdatasync(file, (error) => done(disk.fails === 'fdatasync' ? new Error('fdatasync failed') : error));
  };
  return { ...fs, writeSync: watched('writeSync', shortWrite), fdatasync };
});

interface Entry {
  readonly id: number;
  readonly text: string;
}

const ENTRIES: readonly Entry[] = [
  { id: 1, text: 'plain' },
  { id: 2, text: 'π, a line\nand "more"' },
  { id: 3, text: '' },
  { id: 4, text: 'last \u2028' },
];

let folder: string;
let path: string;
const opened: TaskLog<Entry>[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ergoflow-log-'));
  path = join(folder, 'tasks.log');
  disk.calls.clear();
  Object.assign(disk, { fails: '', onSync: () => {} });
});

afterEach(() => {
  disk.fails = '';
  for (const log of opened.splice(0)) log.close();
  rmSync(folder, { recursive: true });
});

function open(): TaskLog<Entry> {
  const log = openTaskLog<Entry>(folder);
  opened.push(log);
  return log;
}

function close(log: TaskLog<Entry>): void {
  opened.splice(opened.indexOf(log), 1);
  log.close();
}

/** Writes a log of some entries. */
async function write(entries: readonly Entry[]): Promise<void> {
  const log = open();
  const all = entries.map((entry) => log.append(entry));
  close(log);
  await Promise.all(all);
}

describe('a log', () => {
  test('gives back what was appended, in order, now and when it is opened again', async () => {
    await write(ENTRIES.slice(0, 2));
    const log = open();
    expect(log.records).toEqual(ENTRIES.slice(0, 2));
    const third = log.append(ENTRIES[2]);
    expect(log.records).toEqual(ENTRIES.slice(0, 2));
    await third;
    expect(log.records).toEqual(ENTRIES.slice(0, 3));
    close(log);
    expect(readTaskLog(folder)).toEqual({ records: ENTRIES.slice(0, 3), damage: [] });
  });

  test('that is empty, new or of no folder has no records and no damage', () => {
    expect(readTaskLog(folder)).toEqual({ records: [], damage: [] });
    expect(existsSync(path)).toBe(false);
    expect(open().records).toEqual([]);
    expect(readTaskLog(folder)).toEqual({ records: [], damage: [] });
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
    writeFileSync(path, '');
    expect(open()).toMatchObject({ records: [], damage: [] });
    expect(readFileSync(path, 'utf8')).toBe('ergoflow-tasks 1\n');
  });

  test('makes a record durable before it says so, and many that wait by one call', async () => {
    const log = open();
    const before = disk.calls.get('fdatasync') ?? 0;
    await Promise.all(Array.from({ length: 500 }, (_, id) => log.append({ id, text: 'x'.repeat(20) })));
    expect(disk.calls.get('fdatasync')).toBe(before + 1);
    expect(readTaskLog<Entry>(folder).records.length).toBe(500);
    await log.append(ENTRIES[0]);
    expect(disk.calls.get('fdatasync')).toBe(before + 2);
  });

  test('writes what waits when it is closed, and refuses what comes later', async () => {
    const log = open();
    const kept = log.append(ENTRIES[0]);
    close(log);
    await kept;
    expect(readTaskLog(folder).records).toEqual([ENTRIES[0]]);
    await expect(log.append(ENTRIES[1])).rejects.toThrow('is closed');
    expect(readTaskLog(folder).records).toEqual([ENTRIES[0]]);
  });

  test('takes records while a group is on its way to the disk, into the next; closed then, it refuses them', async () => {
    const log = open();
    let during: Promise<void> | null = null;
    disk.onSync = () => {
      during ??= log.append(ENTRIES[1]);
    };
    await log.append(ENTRIES[0]);
    expect(readTaskLog(folder).records).toEqual([ENTRIES[0]]);
    await during;
    expect(readTaskLog(folder).records).toEqual(ENTRIES.slice(0, 2));
    disk.onSync = () => {
      during = expect(log.append(ENTRIES[3])).rejects.toThrow('is closed');
      close(log);
    };
    await log.append(ENTRIES[2]);
    await during;
    expect(readTaskLog(folder).records).toEqual(ENTRIES.slice(0, 3));
  });

  test.each(['writeSync', 'fdatasync'])('whose %s fails says so to every append from then on, and keeps what was durable', async (call) => {
    const log = open();
    await log.append(ENTRIES[0]);
    disk.fails = call;
    await expect(Promise.all([log.append(ENTRIES[1]), log.append(ENTRIES[2])])).rejects.toThrow(`${call} failed`);
    disk.fails = '';
    await expect(log.append(ENTRIES[3])).rejects.toThrow(`${call} failed`);
    expect(log.records).toEqual([ENTRIES[0]]);
    close(log);
    expect(readTaskLog(folder).records[0]).toEqual(ENTRIES[0]);
  });

  test.each(['ergoflow-tasks 2\n', 'something else', '\0'.repeat(40)])('that begins with %j is refused and left as it is', (content) => {
    writeFileSync(path, content);
    expect(() => open()).toThrow('tasks.log must begin with "ergoflow-tasks 1", so it is of another version or damaged');
    expect(() => readTaskLog(folder)).toThrow('must begin with');
    expect(readFileSync(path, 'utf8')).toBe(content);
  });
});

describe('a log cut after any byte', () => {
  test('keeps the records that are whole, names what is left of the next, takes more, and is then in order', async () => {
    await write(ENTRIES);
    const whole = readFileSync(path);
    const ends = ENTRIES.map((entry) => whole.indexOf(JSON.stringify(entry)) + Buffer.byteLength(JSON.stringify(entry)));
    const starts = ENTRIES.map((_, k) => whole.lastIndexOf('\n', ends[k] - 1) + 1);
    const header = 'ergoflow-tasks 1\n'.length;
    for (let length = 0; length <= whole.length; length++) {
      writeFileSync(path, whole.subarray(0, length));
      const kept = ENTRIES.filter((_, k) => ends[k] <= length);
      const isTorn = (length > 0 && length < header) || ENTRIES.some((_, k) => starts[k] < length && length < ends[k]);
      const read = readTaskLog<Entry>(folder);
      expect([length, read.records, read.damage.length]).toEqual([length, kept, isTorn ? 1 : 0]);
      if (isTorn)
        expect(read.damage[0]).toMatch(length < header ? /tasks\.log: the header was cut short/ : `to ${length} are a record that was cut short`);
      const log = open();
      expect(log.damage).toEqual(read.damage);
      const added = log.append(ENTRIES[3]);
      close(log);
      await added;
      expect([length, readTaskLog(folder)]).toEqual([length, { records: [...kept, ENTRIES[3]], damage: [] }]);
    }
  });
});

describe('a log with any one bit flipped', () => {
  test('names the damage and loses the record that it is in, no other', async () => {
    await write(ENTRIES);
    const whole = readFileSync(path);
    const header = 'ergoflow-tasks 1\n'.length;
    const ends = ENTRIES.map((entry) => whole.indexOf(JSON.stringify(entry)) + Buffer.byteLength(JSON.stringify(entry)));
    for (let at = 0; at < whole.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const bytes = Buffer.from(whole);
        bytes[at] ^= 1 << bit;
        writeFileSync(path, bytes);
        // With another digit it is the header of another version.
        if (at === header - 2 && /\d/.test(String.fromCharCode(bytes[at]))) {
          expect(() => readTaskLog(folder)).toThrow('must begin with');
          continue;
        }
        const { records, damage } = readTaskLog<Entry>(folder);
        if (at < header) {
          expect([at, bit, records]).toEqual([at, bit, ENTRIES]);
          expect(damage).toEqual([expect.stringContaining('tasks.log: bytes 0 to 17 are a damaged header')]);
          close(open());
          expect(readFileSync(path)).toEqual(whole);
          continue;
        }
        // The line end before a record is its own, and so is the one behind it.
        const lost = ends.findIndex((end) => at <= end);
        expect([at, bit, records]).toEqual([at, bit, ENTRIES.filter((_, k) => k !== lost)]);
        if (bit === at % 8) {
          close(open());
          // What was named and dropped is out of the way of the next reader.
          expect([at, readTaskLog(folder)]).toEqual([at, { records, damage: [] }]);
        }
        expect(damage.join()).toMatch(/^.*tasks\.log: bytes \d+ to \d+ are (damaged|a record that was cut short)/);
      }
    }
  });
});

test('a record whose JSON is broken although its checksum holds is named as damaged', async () => {
  await write(ENTRIES.slice(0, 1));
  appendFileSync(path, `\n${crc32('{"id":').toString(16).padStart(8, '0')} {"id":\n`);
  const log = open();
  expect(log.records).toEqual(ENTRIES.slice(0, 1));
  expect(log.damage).toEqual([expect.stringContaining('are damaged; what they recorded will be computed again')]);
  await log.append(ENTRIES[1]);
  expect(readTaskLog(folder).records).toEqual(ENTRIES.slice(0, 2));
});

test('a log whose beginning was overwritten keeps the records behind it', async () => {
  await write(ENTRIES);
  const bytes = readFileSync(path);
  const second = bytes.indexOf('\n\n', 20) + 1;
  writeFileSync(path, bytes.fill(0, 0, second));
  const log = open();
  expect(log.records).toEqual(ENTRIES.slice(1));
  expect(log.damage.join()).toMatch(/bytes 17 to \d+ are damaged.*bytes 0 to 17 are a damaged header/);
  await log.append(ENTRIES[0]);
  expect(readTaskLog(folder)).toEqual({ records: [...ENTRIES.slice(1), ENTRIES[0]], damage: [] });
});

test('rubbish in the middle costs what it covers, however it looks', async () => {
  await write(ENTRIES);
  const whole = readFileSync(path);
  for (const rubbish of ['\0'.repeat(5000), '\n\n\n', '{"id": 9}\n', `deadbeef {"id":9,"text":""}\n`, '\xff'.repeat(3)]) {
    const at = whole.indexOf('\n\n', 30) + 1;
    writeFileSync(path, Buffer.concat([whole.subarray(0, at), Buffer.from(rubbish, 'latin1'), whole.subarray(at)]));
    const { records, damage } = readTaskLog(folder);
    expect(records).toEqual(ENTRIES);
    expect(damage.length).toBe(rubbish === '\n\n\n' ? 0 : 1);
  }
  expect(statSync(path).size).toBeGreaterThan(whole.length);
});
