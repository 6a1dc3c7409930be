import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countTasks } from './countTasks.ts';
import { execute } from './execute.ts';
import { IDENTITY, memoryLog, testEngine, workOf } from './fixtures/workshop.ts';
import { recordsByWork } from './taskRecord.ts';
import type { Work } from './work.ts';

const run = (works: readonly Work[], log = memoryLog(), engine = testEngine(3)) =>
  execute({ works, identity: IDENTITY, log, failureLog: memoryLog(), engine, drain: new AbortController().signal, folder: 'r' });

/** Works of few names, so that some are the same, or the same with other numbers of replicates. */
const size = fc.record({ name: fc.constantFrom('a', 'b', 'c'), replicates: fc.integer({ min: 1, max: 30 }), blockSize: fc.constantFrom(4, 10) });
const work = fc
  .tuple(size, fc.array(size, { maxLength: 2 }))
  .map(([{ name, ...rest }, needs]) => workOf(name, { ...rest, needs: needs.map(({ name: other, ...own }) => workOf(`need ${other}`, own)) }));
const works = fc.array(work, { maxLength: 4 });

test('counts are those of the run that follows, for whatever was done before', async () => {
  await fc.assert(
    fc.asyncProperty(works, works, async (before, now) => {
      const log = memoryLog();
      await run(before, log);
      const counts = countTasks(now, IDENTITY, recordsByWork(log.records));
      const engine = testEngine(2);
      const { tasks } = await run(now, log, engine);
      expect([counts.total, counts.reused, counts.missing]).toEqual([tasks.total, tasks.reused, engine.started.length]);
      expect(counts.missingCost).toBe(engine.started.reduce((total, { from, to }) => total + to - from, 0));
    }),
  );
});

test('a task that was counted before is passed over', () => {
  const counted = new Set<string>();
  const need = workOf('need');
  const count = (name: string): number => countTasks([workOf(name, { needs: [need] })], IDENTITY, new Map(), counted).total;
  expect([count('a'), count('b'), count('a')]).toEqual([8, 4, 0]);
});
