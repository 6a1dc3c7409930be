import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tableFromIPC } from 'apache-arrow';
import { afterAll, expect, test } from 'vitest';
import type { Outcome, RunTask, Table } from './work.ts';
import { type WorkerRequest, workerTask } from './worker.ts';

const root = mkdtempSync(join(tmpdir(), 'ergoflow-worker-'));
afterAll(() => rmSync(root, { recursive: true }));

const OUTCOME: Outcome = {
  moments: {},
  failures: [{ kind: 'non-finite', replicate: 4, step: 3, time: 0.5 }],
};
const rows = (...values: number[]): Table => ({ meaning: 'm', columns: [{ name: 'x', values: Float64Array.from(values), meaning: 'x' }] });
const keeping: RunTask = (_, keep) => {
  keep('paths', rows(1, 2));
  keep('paths', rows(3));
  return OUTCOME;
};
const request = (tables: WorkerRequest['tables']): WorkerRequest => ({ study: 's', kind: 'k', parameters: {}, from: 4, to: 9, inputs: [], tables });

test('a task gets its request, and its outcome is the answer, tables written and recorded', async () => {
  const seen: unknown[] = [];
  const run = workerTask((study, kind) => (given, keep) => {
    seen.push(study, kind, given.from, given.to);
    return keeping(given, keep);
  });
  const answer = await run(request({ root, folder: 'trajectories/abc' }));
  expect(seen).toEqual(['s', 'k', 4, 9]);
  const file = 'trajectories/abc/paths.4-9.arrow';
  const content = readFileSync(join(root, file));
  expect([...(tableFromIPC(content).getChild('x') ?? [])]).toEqual([1, 2, 3]);
  const sha256 = createHash('sha256').update(content).digest('hex');
  expect(answer).toEqual({
    ok: true,
    moments: {},
    failures: OUTCOME.failures,
    files: [{ file, rows: 3, bytes: content.length, sha256 }],
    milliseconds: expect.any(Number),
    notes: [],
  });
});

test('where no tables are kept none are written', async () => {
  expect(await workerTask(() => keeping)(request(null))).toMatchObject({ ok: true, files: [] });
  expect(existsSync(join(root, 'paths.4-9.arrow'))).toBe(false);
});

test('of a task that throws no table is left, nor anything beside', async () => {
  const run = workerTask(() => (given, keep) => {
    keeping(given, keep);
    throw new Error('late');
  });
  expect(await run(request({ root, folder: 'thrown' }))).toMatchObject({ ok: false, message: 'late' });
  expect(readdirSync(join(root, 'thrown'))).toEqual([]);
});

test('whatever a task throws becomes a value, and so does a task that is not there or a table that cannot be written', async () => {
  const throwing = (thrown: unknown) =>
    workerTask(() => () => {
      throw thrown;
    })(request(null));
  expect(await throwing(new RangeError('bad'))).toMatchObject({
    ok: false,
    name: 'RangeError',
    message: 'bad',
    stack: expect.stringContaining('worker.test.ts'),
  });
  expect(await throwing(undefined)).toMatchObject({ ok: false, name: 'Error', message: 'a task threw undefined, which is no Error' });
  const missing = workerTask((study) => {
    throw new Error(`study ${study} is unknown`);
  });
  expect(await missing(request(null))).toMatchObject({ ok: false, message: 'study s is unknown' });
  expect(await workerTask(() => keeping)(request({ root: '/dev/null', folder: 'x' }))).toMatchObject({
    ok: false,
    message: expect.stringContaining('ENOTDIR'),
  });
});
