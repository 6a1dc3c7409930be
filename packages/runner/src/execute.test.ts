import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WorkerLost } from './engines/engine.ts';
import { type ExecuteOptions, type Execution, type ExecutionProgress, execute } from './execute.ts';
import type { FailedTask } from './failedTask.ts';
import { IDENTITY, memoryLog, testEngine, workOf } from './fixtures/workshop.ts';
import { workIds } from './identity.ts';
import { planWork } from './planWork.ts';
import type { TaskRecord } from './taskRecord.ts';
import type { Work } from './work.ts';
import type { WorkerRequest } from './worker.ts';

const NEVER = new AbortController().signal;
const idOf = workIds(IDENTITY);

function run(works: readonly Work[], changes: Partial<ExecuteOptions> = {}): Promise<Execution> {
  return execute({
    works,
    identity: IDENTITY,
    log: memoryLog(),
    failureLog: memoryLog(),
    engine: testEngine(2),
    drain: NEVER,
    folder: 'results',
    ...changes,
  });
}

/** What a run gives, as bytes. */
const bytesOf = (execution: Execution, works: readonly Work[]): string => JSON.stringify(works.map((work) => execution.outcome(work)));

/** Two cells that need one reference, which needs a pilot, and a third that needs nothing. */
const PILOT = workOf('pilot', { replicates: 7, blockSize: 7 });
const REFERENCE = workOf('reference', { needs: [PILOT], costPerReplicate: 5 });
const WORKS: readonly Work[] = [
  workOf('a', { needs: [REFERENCE, PILOT], costPerReplicate: 3 }),
  workOf('b', { needs: [REFERENCE], replicates: 33 }),
  workOf('c', { replicates: 50, blockSize: 9, costPerReplicate: 2 }),
];
/** By hand: 2 of the pilot's and the reference's 20/6 -> 4, then 4, 6 and 6. */
const TASKS = 1 + 4 + 4 + 6 + 6;

const EXPECTED = bytesOf(await run(WORKS, { engine: testEngine(1) }), WORKS);

describe('merged outcomes are the same bytes', () => {
  test('for 1, 2 and 7 slots, whatever finishes first, and with the works in another order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(1, 2, 7),
        fc.integer({ min: 1, max: 1e9 }),
        fc.shuffledSubarray([...WORKS], { minLength: 3 }),
        async (slots, seed, works) => {
          const engine = testEngine(slots, seed);
          const execution = await run(works, { engine });
          expect(bytesOf(execution, WORKS)).toBe(EXPECTED);
          expect(execution.tasks).toEqual({ total: TASKS, done: TASKS, reused: 0, failed: 0, remaining: 0 });
          expect(engine.started.length).toBe(TASKS);
          expect(engine.most).toBeLessThanOrEqual(slots);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('when drained at any task and taken up again, with no task done twice', async () => {
    for (let stopAt = 0; stopAt <= TASKS; stopAt++) {
      for (const slots of [1, 3]) {
        const log = memoryLog();
        const stop = new AbortController();
        if (stopAt === 0) stop.abort();
        const first = testEngine(slots, stopAt + 1, (_, index) => {
          if (index + 1 === stopAt) stop.abort();
        });
        const drained = await run(WORKS, { engine: first, log, drain: stop.signal });
        const { length } = first.started;
        expect(log.records.length).toBe(length);
        expect(drained.tasks).toEqual({ total: TASKS, done: length, reused: 0, failed: 0, remaining: TASKS - length });
        expect(drained.drained).toBe(length < TASKS);
        const second = testEngine(slots, 99);
        const resumed = await run(WORKS, { engine: second, log });
        expect(bytesOf(resumed, WORKS)).toBe(EXPECTED);
        expect(resumed.tasks).toEqual({ total: TASKS, done: TASKS, reused: length, failed: 0, remaining: 0 });
        expect(second.started.length).toBe(TASKS - length);
      }
    }
  });

  test('with replicates added later as with all of them at once; the old ones are not computed again', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 20 }),
        async (counts, blockSize) => {
          const log = memoryLog();
          const sorted = [...counts].sort((a, b) => a - b);
          for (const [k, replicates] of sorted.entries()) {
            const work = workOf('grows', { replicates, blockSize });
            const engine = testEngine(2, k + 1);
            const execution = await run([work], { log, engine });
            expect(bytesOf(execution, [work])).toBe(bytesOf(await run([workOf('grows', { replicates, blockSize: 1000 })]), [work]));
            const computed = engine.started.reduce((total, { from, to }) => total + to - from, 0);
            expect(computed).toBe(replicates - (sorted[k - 1] ?? 0));
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  test('for works that stay when others are removed or added, and only the added ones are computed', async () => {
    const log = memoryLog();
    await run(WORKS.slice(0, 2), { log });
    const engine = testEngine(2);
    const added = await run([workOf('d'), WORKS[2], WORKS[0]], { log, engine });
    expect(bytesOf(added, [WORKS[0], WORKS[2]])).toBe(JSON.stringify([JSON.parse(EXPECTED)[0], JSON.parse(EXPECTED)[2]]));
    expect(new Set(engine.started.map(({ parameters }) => parameters.name))).toEqual(new Set(['c', 'd']));
  });

  test('of one meaning with several numbers of replicates, each with its own, and what needs them too', async () => {
    const counts = [5, 12, 40];
    const needs = counts.map((replicates) => workOf('shared', { replicates, blockSize: 8 }));
    const users = needs.map((need) => workOf('user', { needs: [need] }));
    const alone = await Promise.all([...needs, ...users].map(async (work) => bytesOf(await run([work]), [work])));
    const engine = testEngine(2);
    const together = await run([...users.reverse(), needs[1], needs[0], needs[2]], { engine });
    expect([...needs, ...users.reverse()].map((work) => bytesOf(together, [work]))).toEqual(alone);
    const shared = engine.started.filter(({ parameters }) => parameters.name === 'shared').map(({ from, to }) => [from, to]);
    expect(shared.sort((a, b) => a[0] - b[0])).toEqual([
      [0, 5],
      [5, 8],
      [8, 12],
      [12, 16],
      [16, 24],
      [24, 32],
      [32, 40],
    ]);
    expect(together.tasks.total).toBe(7 + 3 * 4);
  });
});

describe('tasks', () => {
  test('begin with the longest, equal ones in order of identity', async () => {
    const engine = testEngine(1);
    const works = [1, 9, 4, 4, 4].map((costPerReplicate, k) => workOf(`w${k}`, { costPerReplicate, blockSize: 8 }));
    await run(works, { engine });
    const cost = new Map(works.map((work) => [work.parameters.name, work.costPerReplicate]));
    const costs = engine.started.map(({ parameters, from, to }) => (to - from) * (cost.get(parameters.name) as number));
    expect(costs).toEqual([...costs].sort((a, b) => b - a));
    const again = testEngine(1);
    await run([...works].reverse(), { engine: again });
    expect(again.started).toEqual(engine.started);
  });

  test('begin when what they need is complete, and get its merged outcome; what several need is computed once', async () => {
    const log = memoryLog();
    const engine = testEngine(7, 5, ({ parameters: { name }, inputs }) => {
      const done = (work: Work): boolean =>
        log.records.filter((record) => record.work === idOf(work)).reduce((n, { from, to }) => n + to - from, 0) === work.replicates;
      if (name === 'reference') expect([done(PILOT), inputs.length]).toEqual([true, 1]);
      if (name === 'a') expect([done(PILOT), done(REFERENCE), inputs.length]).toEqual([true, true, 2]);
    });
    const execution = await run([...WORKS, REFERENCE, PILOT], { engine, log });
    expect(execution.tasks).toMatchObject({ done: TASKS, failed: 0 });
    const inputs = engine.started.filter(({ parameters }) => parameters.name === 'a').map((request) => JSON.stringify(request.inputs));
    expect(new Set(inputs)).toEqual(new Set([bytesOf(execution, [REFERENCE, PILOT])]));
    expect(engine.started.filter(({ parameters }) => parameters.name === 'pilot').length).toBe(1);
  });

  test('of a work that needs the same thing twice begin all the same', async () => {
    const need = workOf('need');
    const work = workOf('twice', { needs: [need, workOf('need')] });
    expect((await run([work])).outcome(work)?.moments.numbers.count).toBe(19);
  });

  test('get the folder for their tables, named by the meaning of their work', async () => {
    const engine = testEngine(1);
    await run([WORKS[2]], { engine, folder: 'r' });
    expect(engine.started[0].tables).toEqual({ root: 'r', folder: `trajectories/${idOf(WORKS[2]).slice(0, 16)}` });
  });

  test('are not handed out once drained, and those that run are kept', async () => {
    for (const slots of [1, 2, 7]) {
      const stop = new AbortController();
      let startedBefore = 0;
      const log = memoryLog();
      const engine = testEngine(slots, 3, (_, index) => {
        if (index !== 4) return;
        stop.abort();
        startedBefore = engine.started.length;
      });
      const { drained, tasks } = await run(WORKS, { engine, drain: stop.signal, log });
      expect(drained).toBe(true);
      expect(engine.started.length).toBe(startedBefore);
      expect(tasks).toMatchObject({ done: startedBefore, remaining: TASKS - startedBefore });
      expect(log.records.length).toBe(startedBefore);
    }
  });

  test('that are all done are not touched, nor is the engine', async () => {
    const log = memoryLog();
    await run(WORKS, { log });
    const engine = {
      get slots(): number {
        throw new Error('the engine was started');
      },
      run: () => Promise.reject(new Error('the engine ran')),
      runBundle: () => Promise.reject(new Error('the engine ran')),
      close: async () => {},
    };
    const again = await run(WORKS, { log, engine });
    expect(bytesOf(again, WORKS)).toBe(EXPECTED);
    expect(again.tasks).toEqual({ total: TASKS, done: TASKS, reused: TASKS, failed: 0, remaining: 0 });
    expect(again.drained).toBe(false);
  });
});

describe('a task that fails', () => {
  const works = [workOf('bad 3 13', { replicates: 18 }), workOf('good'), workOf('user', { needs: [workOf('bad 3 13', { replicates: 18 })] })];

  test('is reported, its neighbours go on, and what needs it stays undone', async () => {
    const log = memoryLog();
    const reported: string[] = [];
    const execution = await run(works, { log, onFailure: ({ message }) => reported.push(message) });
    expect(execution.tasks).toEqual({ total: 3 + 4 + 4, done: 1 + 4, reused: 0, failed: 2, remaining: 4 });
    expect(reported.sort()).toEqual(['replicate 13 is bad', 'replicate 3 is bad']);
    expect(execution.failures.map(({ kind, name, from, to }) => [kind, name, from, to]).sort()).toEqual([
      ['numbers', 'RangeError', 0, 6],
      ['numbers', 'RangeError', 12, 18],
    ]);
    expect(execution.outcome(works[0])).toBeNull();
    expect(execution.records(works[0]).map(({ from }) => from)).toEqual([6]);
    expect(execution.outcome(works[1])).not.toBeNull();
    expect(execution.outcome(works[2])).toBeNull();
    expect(execution.drained).toBe(false);
    expect(log.records.length).toBe(5);
  });

  test('by what it threw is not tried again by the next run, which reports it all the same, until its record is gone', async () => {
    const log = memoryLog();
    const failureLog = memoryLog<FailedTask>();
    const first = await run(works, { log, failureLog });
    expect(failureLog.records.map(({ cause, attempts }) => [cause, attempts])).toEqual([
      ['thrown', 1],
      ['thrown', 1],
    ]);
    const engine = testEngine(2);
    const reported: FailedTask[] = [];
    const second = await run(works, { log, failureLog, engine, onFailure: (failure) => reported.push(failure) });
    expect(engine.started).toEqual([]);
    expect(reported).toEqual([]);
    expect(second.failures).toEqual(first.failures);
    expect(second.tasks).toEqual({ ...first.tasks, reused: first.tasks.done });
    const third = testEngine(2);
    await run(works, { log, engine: third });
    expect(third.started.map(({ from }) => from).sort((a, b) => a - b)).toEqual([0, 12]);
  });

  test('through the machine is no failure for good: the next run tries it again', async () => {
    const full = { ok: false, name: 'Error', message: 'ENOSPC', stack: '', isSystem: true } as const;
    const failureLog = memoryLog<FailedTask>();
    const { failures } = await run([workOf('a')], {
      failureLog,
      engine: { slots: 1, run: async () => full, runBundle: async () => [full], close: async () => {} },
    });
    expect(failures.map(({ cause }) => cause)).toEqual(['system', 'system', 'system', 'system']);
    expect(failureLog.records).toEqual([]);
  });

  test('does not make a drained run out of one that has nothing left to do', async () => {
    const stop = new AbortController();
    const { drained, tasks } = await run(works, { drain: stop.signal, onTask: (record) => record.work === idOf(works[1]) && stop.abort() });
    expect(tasks.remaining).toBeGreaterThan(0);
    expect(drained).toBe(true);
    const late = new AbortController();
    const failed = await run(works, { drain: late.signal, onProgress: ({ done, failed: count }) => done + count === 7 && late.abort() });
    expect(failed.tasks.remaining).toBe(4);
    expect(failed.drained).toBe(false);
  });

  test('because its worker died is begun once more, in isolation; it fails if it dies there too, and its neighbours know nothing of it', async () => {
    const died = new WorkerLost('died', { message: 'the process ended by SIGSEGV', exitCode: null, signal: 'SIGSEGV', lastWords: 'last' });
    const dying = (index: number): ((request: WorkerRequest, at: number) => void) => {
      return (_, at) => {
        if (at === index) throw died;
      };
    };
    const unlucky = { engine: testEngine(2, 1, dying(1)), isolation: testEngine(2) };
    const { tasks, outcome } = await run([workOf('a')], unlucky);
    expect(tasks).toMatchObject({ done: 4, failed: 0 });
    expect(unlucky.isolation.started).toEqual([unlucky.engine.started[1]]);
    expect(outcome(workOf('a'))).toEqual((await run([workOf('a')])).outcome(workOf('a')));
    const failureLog = memoryLog<FailedTask>();
    const poisoned = { engine: testEngine(2, 1, dying(1)), isolation: testEngine(2, 1, dying(0)), failureLog };
    expect((await run([workOf('a')], poisoned)).tasks).toMatchObject({ done: 3, failed: 1, remaining: 0 });
    expect(failureLog.records).toMatchObject([{ cause: 'died', attempts: 2, end: died.end, message: died.message }]);
  });

  test('because its time was over is not begun once more', async () => {
    const late = new WorkerLost('timeout', { message: 'too long', exitCode: null, signal: null, lastWords: '' });
    const isolation = testEngine(2);
    const engine = testEngine(2, 1, (_, index) => {
      if (index === 2) throw late;
    });
    const { failures } = await run([workOf('a')], { engine, isolation });
    expect(failures).toMatchObject([{ cause: 'timeout', attempts: 1 }]);
    expect(isolation.started).toEqual([]);
  });

  test('that ran when an earlier run ended without a word runs in isolation only', async () => {
    const [suspect] = planWork([workOf('a')], IDENTITY, new Map()).works[0].tasks;
    const entered: string[] = [];
    const left: string[] = [];
    const inFlight = {
      suspects: new Set([suspect.id]),
      enter(ids: readonly string[]) {
        entered.push(...ids);
        return () => void left.push(...ids);
      },
      close() {},
    };
    const both = { engine: testEngine(2), isolation: testEngine(2) };
    const { tasks } = await run([workOf('a')], { ...both, inFlight });
    expect(tasks).toMatchObject({ done: 4, failed: 0 });
    expect(both.isolation.started.map(({ from }) => from)).toEqual([suspect.from]);
    expect(both.engine.started.length).toBe(3);
    expect([...left].sort()).toEqual([...entered].sort());
    expect(new Set(entered).size).toBe(4);
  });
});

test('a task whose table is gone is computed again, and is an alarm if the result is not the recorded one', async () => {
  const log = memoryLog();
  await run([workOf('a')], { log });
  const lost = { file: 'trajectories/gone.arrow', rows: 1, bytes: 10, sha256: '' };
  const [first, second, ...others] = log.records;
  const engine = testEngine(2);
  const restored = { ...engine, run: async (given: WorkerRequest) => ({ ...(await engine.run(given)), files: [lost] }) };
  const records = [{ ...first, files: [lost] }, { ...second, files: [lost], moments: others[0].moments }, ...others];
  const again = await run([workOf('a')], { log: memoryLog(records), engine: restored });
  expect(engine.started.map(({ from }) => from).sort()).toEqual([first.from, second.from].sort());
  expect(again.tasks).toMatchObject({ done: 3, failed: 1 });
  expect(again.failures).toMatchObject([{ id: second.id, cause: 'differs', name: 'Alarm' }]);
});

describe('short tasks in bundles', () => {
  /** Counts the bundles and what was in them; `lose` says which of them lose their worker. */
  function bundling(lose: (index: number) => WorkerLost | null) {
    const engine = testEngine(2);
    const sizes: number[] = [];
    const runBundle = (requests: readonly WorkerRequest[]) => {
      sizes.push(requests.length);
      const lost = lose(sizes.length - 1);
      return lost === null ? engine.runBundle(requests) : Promise.reject(lost);
    };
    return { engine: { ...engine, runBundle }, sizes };
  }
  const lost = (how: 'died' | 'timeout') => new WorkerLost(how, { message: how, exitCode: 1, signal: null, lastWords: '' });
  const works = [...WORKS, workOf('many', { replicates: 3000, blockSize: 3 })];

  test.each([
    ['none is lost', () => null],
    ['every second dies', (index: number) => (index % 2 === 1 ? lost('died') : null)],
    ['every second is too slow', (index: number) => (index % 2 === 1 ? lost('timeout') : null)],
  ])('give the same bytes and records as one by one, where %s', async (_, lose) => {
    const log = memoryLog();
    const alone = memoryLog();
    const expected = await run(works, { log: alone });
    const { engine, sizes } = bundling(lose);
    const isolation = testEngine(2);
    const execution = await run(works, { log, engine, isolation, bundleMilliseconds: 1000 });
    expect(bytesOf(execution, works)).toBe(bytesOf(expected, works));
    expect(execution.tasks).toEqual(expected.tasks);
    expect(log.records.map(({ id }) => id).sort()).toEqual(alone.records.map(({ id }) => id).sort());
    expect(sizes.length).toBeGreaterThan(10);
    expect(Math.max(...sizes)).toBe(128);
    expect(isolation.started.length).toBe(lose(1)?.how === 'died' ? sizes.filter((_size, k) => k % 2 === 1).reduce((a, b) => a + b, 0) : 0);
  });

  test('are not bundled where one takes longer, or before one of their kind is done', async () => {
    const { engine, sizes } = bundling(() => null);
    await run(works, { engine, bundleMilliseconds: 1e-9 });
    expect(sizes).toEqual([]);
  });

  test('fail each on its own', async () => {
    const bad = workOf('bad 500 1500', { replicates: 3000, blockSize: 3 });
    const { engine, sizes } = bundling(() => null);
    const { tasks, failures } = await run([bad], { engine, bundleMilliseconds: 1000 });
    expect(tasks).toMatchObject({ done: 998, failed: 2 });
    expect(failures.map(({ from }) => from).sort((a, b) => a - b)).toEqual([498, 1500]);
    expect(sizes.length).toBeGreaterThan(0);
  });
});

describe('a run stops with the error', () => {
  test('of a store that fails, when what runs has finished; nothing more is handed out', async () => {
    const log = memoryLog();
    const engine = testEngine(3);
    let appended = 0;
    const full = {
      ...log,
      append(record: TaskRecord) {
        appended++;
        return appended > 4 ? Promise.reject(new Error('ENOSPC')) : log.append(record);
      },
    };
    await expect(run([workOf('a', { replicates: 100 })], { engine, log: full })).rejects.toThrow('ENOSPC');
    expect(log.records.length).toBe(4);
    // The fifth answer met the full disk, when three others were running; all of them were waited for.
    expect(engine.started.length).toBe(5 + 3);
    expect(appended).toBe(5 + 3);
  });

  test('of a callback, and of an engine that cannot start', async () => {
    const callback = (): never => {
      throw new Error('callback');
    };
    await expect(run(WORKS, { onTask: callback })).rejects.toThrow('callback');
    await expect(run([workOf('bad 3')], { onFailure: callback })).rejects.toThrow('callback');
    const engine = {
      get slots(): number {
        throw new Error('no threads');
      },
      run: () => Promise.reject(new Error('unreached')),
      runBundle: () => Promise.reject(new Error('unreached')),
      close: async () => {},
    };
    await expect(run(WORKS, { engine })).rejects.toThrow('no threads');
    const failureLog = memoryLog<FailedTask>();
    const broken = testEngine(2, 1, () => {
      throw new Error('the worker does not start');
    });
    await expect(run(WORKS, { engine: broken, failureLog })).rejects.toThrow('the worker does not start');
    expect(failureLog.records).toEqual([]);
  });
});

test('progress counts exactly, never goes back, and ends with nothing to do', async () => {
  const log = memoryLog();
  await run([WORKS[2]], { log });
  const seen: ExecutionProgress[] = [];
  await run(WORKS, { log, onProgress: (progress) => seen.push(progress) });
  expect(seen[0]).toEqual({ total: TASKS, done: 6, reused: 6, failed: 0, remainingSeconds: null });
  expect(seen.map(({ done }) => done)).toEqual(Array.from({ length: TASKS - 5 }, (_, k) => k + 6));
  expect(seen.every(({ total, reused }) => total === TASKS && reused === 6)).toBe(true);
  expect(seen.at(-1)?.remainingSeconds).toBe(0);
  expect(seen.slice(1, -1).every(({ remainingSeconds }) => (remainingSeconds as number) >= 0)).toBe(true);
});

test('lost replicates are counted by kind, the first five are named, and the others make the moments', async () => {
  const work = workOf('lossy', { replicates: 100 });
  const { outcome } = await run([work]);
  const { moments, failures, firstFailures } = outcome(work) as NonNullable<ReturnType<typeof outcome>>;
  // Replicates 10, 21, 32, … 98 are lost; the even ones as non-finite.
  expect(failures).toEqual({ 'non-finite': 5, 'out-of-bounds': 4 });
  expect(firstFailures.map(({ replicate }) => replicate)).toEqual([10, 21, 32, 43, 54]);
  expect(moments.numbers.count).toBe(91);
});

test('a work that was not asked for has no outcome', async () => {
  const { outcome, records } = await run([workOf('a')]);
  expect(outcome(workOf('b'))).toBeNull();
  expect(outcome(workOf('a', { replicates: 5 }))).toBeNull();
  expect(records(workOf('b'))).toEqual([]);
});

test('twenty thousand tasks that compute nothing, of one work or of as many that need another, cost little more than their records', async () => {
  const answer = { ok: true, moments: {}, failures: [], files: [], milliseconds: 1, notes: [] } as const;
  const engine = { slots: 2, run: async () => answer, runBundle: async () => [answer], close: async () => {} };
  const count = 20_000;
  const start = process.hrtime.bigint();
  for (const works of [
    [workOf('one', { replicates: count, blockSize: 1 })],
    Array.from({ length: count }, (_, k) => workOf(`${k}`, { replicates: 1, costPerReplicate: k % 100, needs: [PILOT] })),
  ]) {
    expect((await run(works, { engine })).tasks.done).toBeGreaterThanOrEqual(count);
  }
  // Some 30 µs a task; what grows with the square of their number takes minutes.
  expect(Number(process.hrtime.bigint() - start) / 1e9).toBeLessThan(10);
});
