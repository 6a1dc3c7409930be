import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { FAILURES, type FailedTask } from './failedTask.ts';
import { readTaskLog } from './store/taskLog.ts';
import type { TaskRecord } from './taskRecord.ts';

test('a task that takes the process of all threads along costs the next run one record, and nothing that was durable is done again', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ergoflow-poison-'));
  const run = () => spawnSync(process.execPath, [...process.execArgv, fileURLToPath(new URL('./fixtures/poisonedRun.ts', import.meta.url)), folder]);
  try {
    const first = run();
    expect([first.status, first.signal]).not.toEqual([0, null]);
    expect(first.stdout.toString()).toBe('');
    const durable = readTaskLog<TaskRecord>(folder).records;
    const second = run();
    expect(JSON.parse(second.stdout.toString())).toEqual({ total: 301, done: 300, failed: 1, reused: durable.length, remaining: 0 });
    const { records } = readTaskLog<TaskRecord>(folder);
    expect(new Set(records.map(({ id }) => id)).size).toBe(records.length);
    const failures = readTaskLog<FailedTask>(folder, FAILURES).records;
    expect(failures).toMatchObject([{ cause: 'died', attempts: 2, end: { lastWords: expect.stringContaining('heap out of memory') } }]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
