import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { execute } from '../execute.ts';
import { IDENTITY, memoryLog, workOf } from '../fixtures/workshop.ts';
import type { WorkerAnswer, WorkerRequest } from '../worker.ts';
import { type Engine, threadEngine } from './threads.ts';

const WORKER = new URL('./fixtures/worker.ts', import.meta.url);
const engines: Engine[] = [];
const folder = mkdtempSync(join(tmpdir(), 'ergoflow-threads-'));

/** For all tests that leave it as it was; to start a thread takes longer than they do. */
const one = threadEngine(WORKER, 1);

afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close();
});

afterAll(async () => {
  await one.close();
  rmSync(folder, { recursive: true, force: true });
});

function start(threads: number, worker = WORKER): Engine {
  const engine = threadEngine(worker, threads);
  engines.push(engine);
  return engine;
}

function request(deed: string, from = 0, to = 3): WorkerRequest {
  return { study: 's', kind: 'k', parameters: { do: deed }, from, to, inputs: [], tables: null };
}

const sumOf = (answer: WorkerAnswer): unknown => (answer.ok ? answer.moments.x.sums : answer);

describe('threads', () => {
  test('give the values of tasks, from source', async () => {
    const engine = start(2);
    expect(engine.slots).toBe(2);
    const answers = await Promise.all([engine.run(request('count', 0, 3)), engine.run(request('count', 5, 7))]);
    expect(answers.map(sumOf)).toEqual([[[3]], [[11]]]);
    expect(answers[0]).toMatchObject({ ok: true, failures: [], files: [], milliseconds: expect.any(Number) });
  });

  test('give an error of a task as a value with name, message and the place in the source', async () => {
    const answer = await one.run(request('throw'));
    expect(answer).toMatchObject({ ok: false, name: 'RangeError', message: 'x must be positive, got -1' });
    expect((answer as { stack: string }).stack).toContain('fixtures/worker.ts:');
  });

  test('say so where a task throws what is no error', async () => {
    expect(await one.run(request('throw text'))).toMatchObject({ ok: false, message: 'a task threw no error, which is no Error' });
  });

  test.each(['exit', 'exit well', 'what cannot be cloned'])('survive a task that does this to its own: %s', { timeout: 60_000 }, async (deed) => {
    await expect(one.run(request(deed))).rejects.toThrow();
    expect(sumOf(await one.run(request('count')))).toEqual([[3]]);
  });

  test('leave a neighbour alone when a task takes its thread along', async () => {
    const engine = start(2);
    const [dead, alive] = await Promise.allSettled([engine.run(request('exit')), engine.run(request('count', 0, 2_000_000))]);
    expect(dead.status).toBe('rejected');
    expect(alive).toMatchObject({ status: 'fulfilled', value: { ok: true } });
  });

  test('write the tables of a task into its folder', async () => {
    const answer = await one.run({ ...request('write', 4, 6), tables: { root: folder, folder: 'trajectories/x' } });
    expect(answer).toMatchObject({ ok: true, files: [{ file: 'trajectories/x/path.4-6.arrow', rows: 2 }] });
    expect(existsSync(join(folder, 'trajectories/x/path.4-6.arrow'))).toBe(true);
  });

  test('refuse every task, and do not hang, where the worker does not load or is not there', async () => {
    for (const worker of ['./fixtures/brokenWorker.ts', './fixtures/missingWorker.ts']) {
      const engine = start(2, new URL(worker, import.meta.url));
      const several = await Promise.allSettled([engine.run(request('count')), engine.run(request('count'))]);
      for (let k = 0; k < 3; k++) several.push(...(await Promise.allSettled([engine.run(request('count'))])));
      for (const answer of several) {
        expect(answer).toMatchObject({ status: 'rejected', reason: { message: expect.stringMatching(/does not load|missingWorker/) } });
      }
    }
  });

  test('lose at most one task to an error that is thrown after an answer, be it the one that threw', async () => {
    for (let k = 0; k < 3; k++) {
      const answers = [];
      for (const deed of ['throw late', 'count', 'count', 'count', 'count']) {
        answers.push(
          await one.run(request(deed)).then(
            ({ ok }) => ok,
            (error: Error) => error.message,
          ),
        );
      }
      expect(answers.filter((answer) => answer !== true)).toEqual(answers.includes('thrown after the task') ? ['thrown after the task'] : []);
    }
  });

  test.each([0, -1, 1.5, Number.NaN])('cannot be %d', (threads) => {
    expect(() => threadEngine(WORKER, threads)).toThrow(`threads must be a whole number of at least 1, got ${threads}`);
  });

  test('that are closed run nothing more, and end what runs', async () => {
    const engine = start(1);
    await engine.run(request('count'));
    const running = engine.run(request('count', 0, 1e9));
    const ended = expect(running).rejects.toThrow();
    await engine.close();
    await ended;
    await expect(engine.run(request('count'))).rejects.toThrow('the engine is closed');
  });
});

test('work executed on one thread and on two gives the same bytes, with tasks that kill their thread among it', async () => {
  const works = [
    workOf('x', { parameters: { do: 'count' }, replicates: 40, blockSize: 3 }),
    workOf('y', { parameters: { do: 'exit' }, replicates: 4, blockSize: 2 }),
  ];
  const bytes = [];
  for (const threads of [1, 2]) {
    const { outcome, tasks, failures } = await execute({
      works,
      identity: IDENTITY,
      log: memoryLog(),
      engine: start(threads),
      drain: new AbortController().signal,
      folder,
    });
    expect(tasks).toEqual({ total: 16, done: 14, failed: 2, reused: 0, remaining: 0 });
    expect(failures.map(({ name }) => name)).toEqual(['WorkerError', 'WorkerError']);
    bytes.push(JSON.stringify(outcome(works[0])));
  }
  expect(bytes[1]).toBe(bytes[0]);
});
