import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTaskLog, type TaskRecord, type WorkerAnswer, type WorkerRequest } from '@ergoflow/runner';
import { expect, test } from 'vitest';
import { emptyFolder, invoke, listing } from './fixtures/invoke.ts';
import { localEngine, metricsOf, smallRun } from './fixtures/smallRun.ts';

/** An engine whose tasks with trajectories throw. */
const run = async (request: WorkerRequest): Promise<WorkerAnswer> =>
  request.kind === 'trajectories'
    ? { ok: false, name: 'RangeError', message: `bad ${request.from}`, stack: 'RangeError: bad\n    at f (x.ts:1:2)', isSystem: false }
    : await localEngine().run(request);
const broken = { ...localEngine(), run, runBundle: (requests: readonly WorkerRequest[]) => Promise.all(requests.map(run)) };

const whole = emptyFolder();
await smallRun(whole);

test('failed tasks are kept, shown by reason and by task, not run again, and tried again by retry', async () => {
  const folder = emptyFolder();
  const { summary } = await smallRun(folder, broken);
  expect(summary.status).toBe('failed');
  expect(summary.tasks.failed).toBe(2);
  expect((await smallRun(folder)).computed).toBe(0);

  const shown = await invoke('logs', folder);
  expect(shown.exit).toBe(0);
  expect(shown.out).toContain('2 tasks, the first of them:');
  expect(shown.out).toContain('at f (x.ts:1:2)');
  const [failed] = JSON.parse((await invoke('logs', folder, '--json')).out)[0];
  const one = await invoke('logs', folder, failed.id.slice(0, 12));
  expect(one.out).toContain(`task ${failed.id}: thrown, trajectories of replicates 0 to 1, begun once`);
  expect(one.out).toContain('"msg":"task failed"');
  const status = JSON.parse((await invoke('status', folder, '--json')).out);
  expect(status.tasks).toMatchObject({ failed: 2, remaining: 2 });
  expect(status.failures).toEqual([{ tasks: 2, first: failed.id, message: expect.stringMatching('^bad ') }]);

  const retried = await invoke('retry', folder, '--json', '--quiet', '-j', '1');
  expect(JSON.parse(retried.out)).toMatchObject({ status: 'done', tasks: { failed: 0 } });
  expect(metricsOf(folder)).toBe(metricsOf(whole));
  expect((await invoke('logs', folder)).out).toBe('no task has failed\n');
});

test('a finished task is shown with its time and files; what is no task, or the beginning of several, is refused', async () => {
  const record = readTaskLog<TaskRecord>(whole).records.find(({ files }) => files.length > 0) as TaskRecord;
  const { out } = await invoke('logs', whole, record.id);
  expect(out).toContain(`task ${record.id}: done, replicates 0 to 1`);
  expect(out).toContain(join(whole, record.files[0].file));
  expect((await invoke('logs', whole, 'nothing')).err).toContain('"nothing" is none');
  expect((await invoke('logs', whole, 'nothing')).exit).toBe(2);
});

test('clean lists what nothing needs, removes it with -y, and touches nothing else', async () => {
  const folder = emptyFolder();
  await smallRun(folder);
  const before = listing(folder);
  const left = ['summary.json.12-0.tmp', 'trajectories/orphan.arrow', 'lock.9.stale'];
  for (const file of left) writeFileSync(join(folder, file), 'left');
  const listed = await invoke('clean', folder, '--json');
  expect(JSON.parse(listed.out)).toMatchObject({ files: left.sort().map((file) => ({ file, bytes: 4 })), bytes: 12, removed: false });
  expect(listing(folder)).toEqual([...before, ...left].sort());
  expect((await invoke('clean', folder)).out).toContain('3 files, 12 bytes; -y removes them');
  expect((await invoke('clean', folder, '-y')).exit).toBe(0);
  expect(listing(folder)).toEqual(before);
  expect((await invoke('clean', folder)).out).toBe('nothing to remove\n');
});

test('a text that is no time limit, and an engine that is none, are refused with what is allowed', async () => {
  const timeout = await invoke('run', 'step-size', '--timeout', 'soon');
  expect(timeout.exit).toBe(2);
  expect(timeout.err).toContain('--timeout must be a time such as 90s, 30m, 2h or 200%, got "soon"');
  expect((await invoke('run', 'step-size', '--engine', 'thread')).err).toContain('did you mean threads?');
});
