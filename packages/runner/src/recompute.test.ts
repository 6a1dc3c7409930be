import { expect, test } from 'vitest';
import { execute } from './execute.ts';
import { IDENTITY, memoryLog, testEngine, workOf } from './fixtures/workshop.ts';
import { contradictions, recompute } from './recompute.ts';
import type { TaskRecord } from './taskRecord.ts';

const NEED = workOf('need');
const WORKS = [workOf('user', { needs: [NEED] }), workOf('alone')];

async function recordsOf(): Promise<TaskRecord[]> {
  const log = memoryLog();
  await execute({
    works: WORKS,
    identity: IDENTITY,
    log,
    failureLog: memoryLog<never>(),
    engine: testEngine(2),
    drain: new AbortController().signal,
    folder: 'r',
  });
  return log.records;
}

const records = await recordsOf();
const again = (given: readonly TaskRecord[], choose = (all: readonly TaskRecord[]) => all) =>
  recompute({ works: WORKS, identity: IDENTITY, records: given, engine: testEngine(2), scratch: 's', choose });

test('every task of a run gives its recorded result again, those that need others too', async () => {
  expect(await again(records)).toEqual({ compared: 12, alarms: [] });
  expect(await again(records, (all) => all.slice(3, 5))).toEqual({ compared: 2, alarms: [] });
});

test('any changed part of a recorded result is an alarm that names its task', async () => {
  for (const [k, { id, from, to }] of records.entries()) {
    const other = records[(k + 1) % records.length];
    for (const changes of [{ moments: other.moments }, { failures: [{ kind: 'non-finite', replicate: 0, step: 0, time: 0 }] }]) {
      const { alarms } = await again(records.with(k, { ...records[k], ...changes }), (all) => all.filter((record) => record.id === id));
      expect(alarms).toEqual([{ task: id, kind: 'numbers', from, to, problem: 'gave another result than the recorded one' }]);
    }
  }
});

test('tasks of other code, and those whose inputs are not complete, are not compared', async () => {
  expect((await again(records.filter(({ work }, k) => k !== records.findIndex((record) => record.work === work)))).compared).toBeLessThan(9);
  const other = { ...IDENTITY, code: 'other' };
  expect(await recompute({ works: WORKS, identity: other, records, engine: testEngine(2), scratch: 's', choose: (all) => all })).toEqual({
    compared: 0,
    alarms: [],
  });
});

test('a task recorded twice is a contradiction where the results differ, however long it took', () => {
  const [first, second] = records;
  expect(contradictions([...records, { ...first, milliseconds: 1e6 }])).toEqual([]);
  const { id: task, from, to } = first;
  expect(contradictions([...records, { ...first, moments: second.moments }])).toEqual([
    { task, from, to, problem: 'is recorded twice with different results' },
  ]);
});
