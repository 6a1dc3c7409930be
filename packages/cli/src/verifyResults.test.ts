import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openTaskLog, readTaskLog, type TaskRecord } from '@ergoflow/runner';
import { expect, test } from 'vitest';
import { copyOf, cut, expectRepair, flip } from './fixtures/damage.ts';
import { emptyFolder, invoke, listing } from './fixtures/invoke.ts';
import { smallRun } from './fixtures/smallRun.ts';
import { verifyResults } from './verifyResults.ts';

const whole = emptyFolder();
await smallRun(whole);
const tables = listing(whole).filter((file) => file.startsWith('trajectories/') && file.endsWith('.arrow'));

test('results without damage are found so, in files and records, and a sample gives the same bits again', async () => {
  const records = readTaskLog<TaskRecord>(whole).records.length;
  expect(verifyResults(whole, true)).toMatchObject({ damage: [], alarms: [], files: 2 + tables.length });
  const { exit, out } = await invoke('verify', whole, '--sample', '100%', '--json', '-j', '1');
  expect(JSON.parse(out)).toMatchObject({ records, damage: [], alarms: [], recomputed: records, missingTasks: 0 });
  expect(exit).toBe(0);
});

test('an Arrow file that was cut or has a bit flipped is named; only a task’s is computed again', async () => {
  await expectRepair(whole, tables[0], cut(0.99), 1);
  await expectRepair(whole, 'metrics.arrow', cut(0), 0);
  await expectRepair(whole, tables[1], flip(0.5), 1);
  await expectRepair(whole, 'fits.arrow', flip(0.5), 0);
});

test.each(['manifest.json', 'summary.json', 'provenance.json'])('%s that was cut is named and written anew', async (file) => {
  await expectRepair(whole, file, cut(0.6), 0);
});

test.each([
  ...listing(whole)
    .filter((file) => file.endsWith('.svg'))
    .slice(0, 1),
  'report.html',
  'summary.json',
  'experiment.yaml',
  'checksums.sha256',
])('%s with a bit flipped is named, readable or not, and written anew', async (file) => {
  await expectRepair(whole, file, flip(0.5, 0), 0);
});

test('a log of tasks with a bit flipped in a record costs that record, and a flipped one in its header nothing', async () => {
  const bytes = readFileSync(join(whole, 'tasks.log'));
  await expectRepair(whole, 'tasks.log', flip(0.6), 1);
  await expectRepair(whole, 'tasks.log', flip(3 / bytes.length), 0);
  await expectRepair(whole, 'failures.log', flip(0.3), 0);
});

test('a log of tasks cut in its last record costs that one', async () => {
  await expectRepair(whole, 'tasks.log', (bytes) => bytes.subarray(0, bytes.length - 20), 1);
});

test('the command names damage, says what a run computes, sets the file aside, and ends with 1', async () => {
  const folder = copyOf(whole);
  const path = join(folder, tables[0]);
  writeFileSync(path, readFileSync(path).subarray(1));
  const { exit, out } = await invoke('verify', folder);
  expect(exit).toBe(1);
  expect(out).toContain(`${path} has ${statSync(join(whole, tables[0])).size - 1} bytes instead of`);
  expect(out).toContain('run computes the 1 tasks that are missing');
  expect(listing(folder)).toContain(`${tables[0]}.damaged`);
});

test('a recorded result that is not what the task gives, and one that contradicts an earlier one, are alarms that name the task', async () => {
  const folder = copyOf(whole);
  const log = openTaskLog<TaskRecord>(folder);
  const [first] = log.records;
  const moments = JSON.parse(JSON.stringify(first.moments).replace(/"count":\d+/, '"count":1')) as TaskRecord['moments'];
  const appended = log.append({ ...first, moments });
  log.close();
  await appended;
  const contradiction = await invoke('verify', folder);
  expect(contradiction.exit).toBe(1);
  expect(contradiction.out).toContain(`ALARM: task ${first.id} `);
  rmSync(join(folder, 'tasks.log'));
  const wrong = openTaskLog<TaskRecord>(folder);
  const alone = wrong.append({ ...first, moments });
  wrong.close();
  await alone;
  const sampled = await invoke('verify', folder, '--sample', '100%', '-j', '1', '--json');
  expect(sampled.exit).toBe(1);
  expect(JSON.parse(sampled.out).alarms).toEqual([expect.stringMatching(`^task ${first.id} .* gave another result than the recorded one$`)]);
});

test.each(['1', '0%', '101%', 'x'])('%j is no sample', async (sample) => {
  const { exit, err } = await invoke('verify', whole, '--sample', sample);
  expect(exit).toBe(2);
  expect(err).toContain('--sample must be a part of the tasks, such as 1% or 100%');
});
