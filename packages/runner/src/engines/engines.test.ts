import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { execute } from '../execute.ts';
import type { FailedTask } from '../failedTask.ts';
import { IDENTITY, memoryLog, workOf } from '../fixtures/workshop.ts';
import type { WorkerAnswer, WorkerRequest } from '../worker.ts';
import type { Engine } from './engine.ts';
import { ENGINES } from './table.ts';

const WORKER = new URL('./fixtures/worker.ts', import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'ergoflow-engines-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function request(deed: string, from = 0, to = 3): WorkerRequest {
  return { study: 's', kind: 'k', parameters: { do: deed }, from, to, inputs: [], tables: null };
}

const sumOf = (answer: WorkerAnswer): unknown => (answer.ok ? answer.moments.x.sums : answer);

describe.each(Object.entries(ENGINES))('%s', (name, makeEngine) => {
  const engines: Engine[] = [];

  /** For all tests that leave it as it was; to start a worker takes longer than they do. */
  const one = makeEngine(WORKER, 1);

  afterEach(async () => {
    for (const engine of engines.splice(0)) await engine.close();
  });

  afterAll(() => one.close());

  function start(slots: number, worker = WORKER): Engine {
    const engine = makeEngine(worker, slots);
    engines.push(engine);
    return engine;
  }

  test('give the values of tasks, from source', async () => {
    const engine = start(2);
    expect(engine.slots).toBe(2);
    const answers = await Promise.all([engine.run(request('count', 0, 3)), engine.run(request('count', 5, 7))]);
    expect(answers.map(sumOf)).toEqual([[[3]], [[11]]]);
    expect(answers[0]).toMatchObject({ ok: true, failures: [], files: [], milliseconds: expect.any(Number) });
  });

  test('give an error of a task as a value with name, message and the place in the source', async () => {
    const answer = await one.run(request('throw'));
    expect(answer).toMatchObject({ ok: false, name: 'RangeError', message: 'x must be positive, got -1', isSystem: false });
    expect((answer as { stack: string }).stack).toContain('fixtures/worker.ts:');
  });

  test.each([
    ['throw text', 'a task threw no error, which is no Error'],
    ['what cannot be cloned', expect.stringContaining('could not be cloned')],
    ['wait and throw', 'x must be positive, got -1'],
  ])('say what is wrong with a task, and lose no worker to it: %s', async (deed, message) => {
    expect(await one.run(request(deed))).toMatchObject({ ok: false, message });
    expect(sumOf(await one.run(request('count')))).toEqual([[3]]);
  });

  test('hold what a task allocates beside the heap', async () => {
    expect(await one.run(request('big arrays'))).toMatchObject({ ok: true });
  });

  test.each([
    ['exit', 3],
    ['exit well', 0],
  ])('tell how a worker ended, and replace it: %s', async (deed, exitCode) => {
    await expect(one.run(request(deed))).rejects.toMatchObject({ name: 'WorkerLost', how: 'died', end: { exitCode, signal: null } });
    expect(sumOf(await one.run(request('count')))).toEqual([[3]]);
  });

  test('leave a neighbour alone when a task takes its worker along', async () => {
    const engine = start(2);
    const [dead, alive] = await Promise.allSettled([engine.run(request('exit')), engine.run(request('count', 0, 2_000_000))]);
    expect(dead.status).toBe('rejected');
    expect(alive).toMatchObject({ status: 'fulfilled', value: { ok: true } });
  });

  test('end a task whose time is over, counted from its start, and replace its worker', async () => {
    const engine = start(1);
    const began = performance.now();
    const looping = engine.run(request('loop without end'), () => 300);
    // Waits for the loop's end longer than it may take itself.
    const waiting = engine.run(request('count'), () => 250);
    await expect(looping).rejects.toMatchObject({ how: 'timeout', message: 'the task took longer than the 0.300 s that it may' });
    expect(performance.now() - began).toBeGreaterThan(300);
    expect(sumOf(await waiting)).toEqual([[3]]);
  });

  test('end a task that waits for what never comes', async () => {
    await expect(one.run(request('a promise that never settles'), () => 300)).rejects.toMatchObject({ how: 'timeout' });
    expect(sumOf(await one.run(request('count')))).toEqual([[3]]);
  });

  test('give the answer of a task, and refuse one that JSON cannot hold', async () => {
    expect(await one.run(request('answer'))).toMatchObject({ ok: true, answer: { rank: 1, drift: [0.5, null] } });
    expect(await one.run(request('answer NaN'))).toMatchObject({
      ok: false,
      message: 'what identifies a task, or is its answer, must be JSON, got the number NaN',
    });
  });

  test('ask for the limit again while a task runs', async () => {
    let asked = 0;
    const limit = (): number => (++asked < 3 ? Number.POSITIVE_INFINITY : 1);
    await expect(one.run(request('loop without end'), limit)).rejects.toMatchObject({ how: 'timeout' });
    expect(asked).toBe(3);
  });

  test('run a bundle in order, each task with its own answer, also beside what cannot be sent', async () => {
    const answers = await one.runBundle([request('count', 0, 3), request('what cannot be cloned'), request('throw'), request('count', 5, 7)]);
    expect(answers.map(({ ok }) => ok)).toEqual([true, false, false, true]);
    expect(answers.filter(({ ok }) => ok).map(sumOf)).toEqual([[[3]], [[11]]]);
    await expect(one.runBundle([request('count'), request('exit'), request('count')])).rejects.toMatchObject({ how: 'died' });
  });

  test('write the tables of a task into its folder', async () => {
    const answer = await one.run({ ...request('write', 4, 6), tables: { root: folder, folder: `trajectories/${name}` } });
    expect(answer).toMatchObject({ ok: true, files: [{ file: `trajectories/${name}/path.4-6.arrow`, rows: 2 }] });
    expect(existsSync(join(folder, `trajectories/${name}/path.4-6.arrow`))).toBe(true);
  });

  test('call a table that cannot be written a failure of the system', async () => {
    const answer = await one.run({ ...request('write'), tables: { root: '/dev/null', folder: 'x' } });
    expect(answer).toMatchObject({ ok: false, isSystem: true, message: expect.stringContaining('ENOTDIR') });
  });

  test('refuse every task, and do not hang, where the worker does not load or is not there', async () => {
    for (const worker of ['./fixtures/brokenWorker.ts', './fixtures/missingWorker.ts']) {
      const engine = start(2, new URL(worker, import.meta.url));
      const several = await Promise.allSettled([engine.run(request('count')), engine.run(request('count')), engine.run(request('count'))]);
      for (const answer of several) {
        expect(answer).toMatchObject({
          status: 'rejected',
          reason: { name: 'Error', message: expect.stringMatching(/does not load|missingWorker/) },
        });
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
            (error: { name: string }) => error.name,
          ),
        );
      }
      expect([[], ['WorkerLost']]).toContainEqual(answers.filter((answer) => answer !== true));
    }
  });

  test.each([0, -1, 1.5, Number.NaN])('cannot be %d', (slots) => {
    expect(() => makeEngine(WORKER, slots)).toThrow(`${name} must be a whole number of at least 1, got ${slots}`);
  });

  test('that are closed run nothing more, and end what runs', async () => {
    const engine = start(1);
    await engine.run(request('count'));
    const running = engine.run(request('loop without end'));
    const waiting = engine.run(request('count'));
    const ended = Promise.all([expect(running).rejects.toThrow('closed'), expect(waiting).rejects.toThrow('closed')]);
    await engine.close();
    await ended;
    await expect(engine.run(request('count'))).rejects.toThrow('the engine is closed');
  });
});

test('a process gives the last words and the signal of a task that it dies of, and others go on', async () => {
  const engine = ENGINES.processes(WORKER, 2);
  try {
    const [killed, alive, spoke] = await Promise.allSettled([
      engine.run(request('be killed')),
      engine.run(request('count')),
      engine.run(request('speak and exit')),
    ]);
    expect(killed).toMatchObject({ status: 'rejected', reason: { how: 'died', end: { exitCode: null, signal: 'SIGKILL' } } });
    expect(alive.status).toBe('fulfilled');
    expect(spoke).toMatchObject({ reason: { end: { exitCode: 7, lastWords: expect.stringMatching(/^x{3987}the last word$/) } } });
  } finally {
    await engine.close();
  }
});

/** Three hostile works among a good one, with an engine and a process for what loses its worker. */
test('work executed by both engines, on one worker and on two, gives the same bytes and failures with hostile tasks among it', async () => {
  const parameters = (deed: string): { readonly parameters: { readonly do: string } } => ({ parameters: { do: deed } });
  const works = [
    workOf('good', { ...parameters('count'), replicates: 40, blockSize: 3 }),
    ...['exit', 'throw', 'loop without end'].map((deed) => workOf(deed, { ...parameters(deed), replicates: 1 })),
  ];
  const came: string[] = [];
  for (const [makeEngine, slots] of [
    [ENGINES.threads, 1],
    [ENGINES.threads, 2],
    [ENGINES.processes, 2],
  ] as const) {
    const engine = makeEngine(WORKER, slots);
    const isolation = ENGINES.processes(WORKER, slots);
    try {
      const execution = await execute({
        works,
        identity: IDENTITY,
        log: memoryLog(),
        failureLog: memoryLog<FailedTask>(),
        engine,
        isolation,
        timeout: { milliseconds: 1000 },
        drain: new AbortController().signal,
        folder,
      });
      expect(execution.tasks).toEqual({ total: 17, done: 14, failed: 3, reused: 0, remaining: 0 });
      const failures = execution.failures.map(({ cause, attempts, message }) => `${cause} ${attempts} ${message}`).sort();
      expect(failures).toEqual([
        'died 2 the process ended with exit code 3',
        'thrown 1 x must be positive, got -1',
        'timeout 1 the task took longer than the 1.00 s that it may',
      ]);
      came.push(JSON.stringify(execution.outcome(works[0])));
    } finally {
      await engine.close();
      await isolation.close();
    }
  }
  expect(came).toEqual(came.map(() => came[0]));
});
