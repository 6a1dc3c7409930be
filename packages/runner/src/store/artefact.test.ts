import { existsSync, fstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openArtefact, writeArtefact } from './artefact.ts';

/** The calls of the file system in order, and the one that fails; `isCrash` also loses the call that cleans up. `piece`: bytes of one call; `early` and `synced`: open files. */
const disk = vi.hoisted(() => ({ calls: [] as string[], fails: '', isCrash: false, piece: 3, early: [] as number[], synced: [] as number[] }));

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const watched = <A extends unknown[], R>(name: string, act: (...given: A) => R) => {
    return (...given: A): R => {
      disk.calls.push(name);
      if (disk.fails === name) throw new Error(`${name} failed`);
      return act(...given);
    };
  };
  const rmSync = watched('rmSync', fs.rmSync);
  return {
    ...fs,
    openSync: watched('openSync', fs.openSync),
    writeSync: watched('writeSync', (file: number, bytes: Buffer, from: number) =>
      fs.writeSync(file, bytes, from, Math.min(bytes.length - from, disk.piece)),
    ),
    fsyncSync: watched('fsyncSync', (file: number) => {
      disk.synced.push(file);
      fs.fsyncSync(file);
    }),
    fdatasync: (file: number, done: () => void) => {
      disk.early.push(file);
      fs.fdatasync(file, done);
    },
    renameSync: watched('renameSync', fs.renameSync),
    rmSync: (...given: Parameters<typeof rmSync>) => (disk.isCrash ? undefined : rmSync(...given)),
  };
});

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ergoflow-artefact-'));
  Object.assign(disk, { calls: [], fails: '', isCrash: false, early: [], synced: [] });
});

afterEach(() => {
  Object.assign(disk, { fails: '', isCrash: false });
  rmSync(folder, { recursive: true });
});

describe('an artefact', () => {
  test('is written beside, made durable, renamed, and its name made durable, in this order', () => {
    writeArtefact(join(folder, 'a.txt'), 'seven b');
    expect(disk.calls).toEqual(['openSync', 'writeSync', 'writeSync', 'writeSync', 'fsyncSync', 'renameSync', 'openSync', 'fsyncSync']);
    expect(readFileSync(join(folder, 'a.txt'), 'utf8')).toBe('seven b');
    expect(readdirSync(folder)).toEqual(['a.txt']);
  });

  test('takes bytes and text in UTF-8, none too, and makes its folders', () => {
    const path = join(folder, 'deep', 'er', 'a');
    for (const content of [new Uint8Array([0, 255, 10]), 'ε\n', '', new Uint8Array(0)]) {
      writeArtefact(path, content);
      expect(readFileSync(path).equals(Buffer.from(content as string))).toBe(true);
    }
  });

  test.each(['openSync', 'writeSync', 'fsyncSync', 'renameSync'])('whose %s fails says so, stays as it was, and leaves nothing beside', (call) => {
    const path = join(folder, 'a');
    writeFileSync(path, 'old');
    disk.fails = call;
    expect(() => writeArtefact(path, 'new')).toThrow(`${call} failed`);
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['a']);
  });

  test.each(['openSync', 'writeSync', 'fsyncSync', 'renameSync'])(
    'of a process that died in %s is old or new, and what lies beside does not disturb the next one',
    (call) => {
      const path = join(folder, 'a');
      writeFileSync(path, 'old');
      Object.assign(disk, { fails: call, isCrash: true });
      expect(() => writeArtefact(path, 'new, and longer than the next')).toThrow(`${call} failed`);
      expect(readFileSync(path, 'utf8')).toBe('old');
      Object.assign(disk, { fails: '', isCrash: false });
      // The same process number may come back, with the same name beside.
      writeArtefact(path, 'newer');
      expect(readFileSync(path, 'utf8')).toBe('newer');
      expect(readdirSync(folder)).toEqual(['a']);
    },
  );

  test('of parts is their bytes in order, and old if it is discarded', () => {
    const path = join(folder, 'a');
    const whole = openArtefact(path);
    for (const part of [Uint8Array.of(97, 98), Uint8Array.of(), Uint8Array.of(99)]) whole.write(part);
    expect(existsSync(path)).toBe(false);
    whole.close();
    expect(readFileSync(path, 'utf8')).toBe('abc');
    const broken = openArtefact(path);
    broken.write(Uint8Array.of(100));
    broken.discard();
    expect(readFileSync(path, 'utf8')).toBe('abc');
    expect(readdirSync(folder)).toEqual(['a']);
  });

  test('that is long is written out early through another open file, as each tells an error of the disk once', async () => {
    const path = join(folder, 'a');
    disk.piece = 2 ** 24;
    const long = openArtefact(path);
    const part = new Uint8Array(2 ** 20);
    for (let k = 0; k < 40; k++) long.write(part);
    const early = [...disk.early];
    long.close();
    disk.piece = 3;
    expect(disk.calls.filter((call) => call === 'openSync').length).toBe(3);
    expect(early.length).toBe(2);
    expect(new Set(early).size).toBe(1);
    expect(disk.synced).not.toContain(early[0]);
    expect(statSync(path).size).toBe(40 * 2 ** 20);
    // The second file is closed when the last of them is done.
    await vi.waitFor(() => expect(() => fstatSync(early[0])).toThrow('EBADF'));
  });

  test('cannot take the place of a folder', () => {
    mkdirSync(join(folder, 'a', 'b'), { recursive: true });
    expect(() => writeArtefact(join(folder, 'a'), 'x')).toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
    expect(existsSync(join(folder, 'a', 'b'))).toBe(true);
    expect(readdirSync(folder)).toEqual(['a']);
  });
});
