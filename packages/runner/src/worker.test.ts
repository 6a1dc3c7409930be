import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Outcome } from './work.ts';
import { type WorkerRequest, workerTask } from './worker.ts';

const root = mkdtempSync(join(tmpdir(), 'ergoflow-worker-'));
afterAll(() => rmSync(root, { recursive: true }));

const OUTCOME: Outcome = {
  moments: {},
  failures: [{ kind: 'non-finite', replicate: 4, step: 3, time: 0.5 }],
  tables: { paths: { meaning: 'm', columns: [{ name: 'x', values: Float64Array.of(1, 2, 3), meaning: 'x' }] } },
};
const request = (tables: WorkerRequest['tables']): WorkerRequest => ({ study: 's', kind: 'k', parameters: {}, from: 4, to: 9, inputs: [], tables });

test('a task gets its request, and its outcome is the answer, tables written and recorded', async () => {
  const seen: unknown[] = [];
  const run = workerTask((study, kind) => (given) => {
    seen.push(study, kind, given.from, given.to);
    return OUTCOME;
  });
  const answer = await run(request({ root, folder: 'trajectories/abc' }));
  expect(seen).toEqual(['s', 'k', 4, 9]);
  const file = 'trajectories/abc/paths.4-9.arrow';
  const content = readFileSync(join(root, file));
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
  expect(await workerTask(() => () => OUTCOME)(request(null))).toMatchObject({ ok: true, files: [] });
  expect(existsSync(join(root, 'paths.4-9.arrow'))).toBe(false);
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
  expect(await workerTask(() => () => OUTCOME)(request({ root: '/dev/null', folder: 'x' }))).toMatchObject({
    ok: false,
    message: expect.stringContaining('ENOTDIR'),
  });
});
