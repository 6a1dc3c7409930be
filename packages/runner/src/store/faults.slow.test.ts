/** A run whose disk fails at any one call: it says so, loses nothing that it called durable, and the next run comes to the same bytes. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import type { Engine } from '../engines/engine.ts';
import { execute } from '../execute.ts';
import { FAILURES, type FailedTask } from '../failedTask.ts';
import { IDENTITY, runTask, workOf } from '../fixtures/workshop.ts';
import type { TaskRecord } from '../taskRecord.ts';
import { workerTask } from '../worker.ts';
import { writeArtefact } from './artefact.ts';
import { openInFlight } from './inFlight.ts';
import { openTaskLog, readTaskLog } from './taskLog.ts';

type Fault = 'ENOSPC' | 'EIO' | 'kill';

/** Calls that change the disk, so far; the one that fails, and how: killed, none after it has an effect either. */
const disk = vi.hoisted(() => ({ calls: 0, failsAt: 0, fault: 'EIO' as Fault, named: '' }));

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const isFaulty = (name: string): boolean => {
    disk.calls++;
    if (disk.calls === disk.failsAt) disk.named = name;
    return disk.calls === disk.failsAt || (disk.fault === 'kill' && disk.failsAt > 0 && disk.calls > disk.failsAt);
  };
  const fault = (): Error => Object.assign(new Error(`${disk.fault}: injected`), { code: disk.fault, syscall: 'injected' });
  const faulty = <A extends unknown[], R>(name: string, act: (...given: A) => R) => {
    return (...given: A): R => {
      if (isFaulty(name)) throw fault();
      return act(...given);
    };
  };
  return {
    ...fs,
    openSync: faulty('openSync', fs.openSync),
    fsyncSync: faulty('fsyncSync', fs.fsyncSync),
    fdatasyncSync: faulty('fdatasyncSync', fs.fdatasyncSync),
    ftruncateSync: faulty('ftruncateSync', fs.ftruncateSync),
    mkdirSync: faulty('mkdirSync', fs.mkdirSync),
    renameSync: faulty('renameSync', fs.renameSync),
    rmSync: faulty('rmSync', fs.rmSync),
    // What fails has written a half of it: the torn end of a full disk, or of a process that died.
    writeSync(file: number, bytes: string | Uint8Array, ...rest: unknown[]): number {
      const write = fs.writeSync as (...given: unknown[]) => number;
      if (!isFaulty('writeSync')) return write(file, bytes, ...rest);
      const isFirst = disk.calls === disk.failsAt;
      if (isFirst && typeof bytes !== 'string') {
        const [from = 0, length = bytes.length - Number(from), position = null] = rest;
        write(file, bytes, from, Math.floor(Number(length) / 2), position);
      }
      throw fault();
    },
    fdatasync(file: number, done: (error: Error | null) => void): void {
      if (isFaulty('fdatasync')) setImmediate(done, fault());
      else fs.fdatasync(file, done);
    },
  };
});

const newFolder = (): string => mkdtempSync(join(tmpdir(), 'ergoflow-faults-'));

const answer = workerTask(() => (request, keep) => {
  for (const part of [0, 1])
    keep('numbers', { meaning: 'replicates', columns: [{ name: 'n', meaning: 'number', values: Float64Array.of(request.from + part) }] });
  return runTask(request);
});

const SIZE = { replicates: 12 };
const WORKS = [workOf('a', { ...SIZE, needs: [workOf('b', SIZE)] }), workOf('bad 7', SIZE)];

interface Ran {
  /** Identities of blocks that were started, as text. */
  readonly started: readonly string[];
  /** Identities that were called durable. */
  readonly durable: readonly string[];
  readonly error: unknown;
}

/** Runs the works, and writes what they came to. */
async function run(folder: string): Promise<Ran> {
  const started: string[] = [];
  const durable: string[] = [];
  const runOne: Engine['run'] = async (request) => {
    started.push(`${JSON.stringify(request.parameters)} ${request.from}`);
    return answer(request);
  };
  const engine: Engine = {
    slots: 2,
    run: runOne,
    runBundle: (requests) => Promise.all(requests.map((request) => runOne(request))),
    close: async () => {},
  };
  const open: { close(): void }[] = [];
  const opened = <T extends { close(): void }>(what: T): T => {
    open.push(what);
    return what;
  };
  let error: unknown = null;
  try {
    const { outcome, records, failures } = await execute({
      works: WORKS,
      identity: IDENTITY,
      log: opened(openTaskLog<TaskRecord>(folder)),
      failureLog: opened(openTaskLog<FailedTask>(folder, FAILURES)),
      inFlight: opened(openInFlight(folder)),
      engine,
      bundleMilliseconds: 10,
      drain: new AbortController().signal,
      folder,
      onTask: ({ id }) => durable.push(id),
    });
    const files = WORKS.flatMap((work) => records(work).map((record) => [record.id, record.files]));
    const problems = failures.map(({ message }) => message);
    writeArtefact(join(folder, 'result.json'), JSON.stringify([WORKS.map(outcome), files, problems]));
  } catch (thrown) {
    error = thrown;
  }
  for (const one of open.reverse()) {
    try {
      one.close();
    } catch (thrown) {
      error ??= thrown;
    }
  }
  return { started, durable, error };
}

/** What tasks and results look like in the end; what lies beside is not looked at. */
const bytesOf = (folder: string): string[] => [
  readFileSync(join(folder, 'result.json'), 'latin1'),
  ...readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.arrow'))
    .sort()
    .map((file) => `${file} ${readFileSync(join(folder, file), 'latin1')}`),
];

const whole = newFolder();
afterAll(() => rmSync(whole, { recursive: true }));
disk.calls = 0;
expect((await run(whole)).error).toBeNull();
const calls = disk.calls;
const all = readTaskLog<TaskRecord>(whole).records.length;

describe.each<Fault>(['ENOSPC', 'EIO', 'kill'])('%s', (fault) => {
  test('at any one of the calls that write is told, loses nothing durable, and is gone with the next run', async () => {
    expect(calls).toBeGreaterThan(60);
    const told = new Set<string>();
    for (let call = 1; call <= calls; call++) {
      const folder = newFolder();
      Object.assign(disk, { calls: 0, failsAt: call, fault });
      const broken = await run(folder);
      disk.failsAt = 0;
      const where = `call ${call}, ${disk.named}`;
      if (broken.error === null && fault === 'kill') expect.fail(`${where}: a run whose disk is gone ended well`);
      if (broken.error !== null) {
        expect((broken.error as NodeJS.ErrnoException).message, where).toBe(`${fault}: injected`);
        told.add(disk.named);
      }
      const kept = readTaskLog<TaskRecord>(folder).records.map(({ id }) => id);
      for (const id of broken.durable) expect(kept, where).toContain(id);
      const next = await run(folder);
      expect(next.error, where).toBeNull();
      expect(bytesOf(folder), where).toEqual(bytesOf(whole));
      // What was recorded is not computed again, be it that the run did not live to say so; the failed task is one more.
      expect(next.durable.length, where).toBe(all - kept.length);
      rmSync(folder, { recursive: true });
    }
    expect([...told].sort()).toEqual(expect.arrayContaining(['fdatasync', 'openSync', 'renameSync', 'writeSync']));
  });
});
