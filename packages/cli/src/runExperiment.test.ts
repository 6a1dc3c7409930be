import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { documentOf, InputError, readYamlFile } from '@ergoflow/input';
import { type Summary, summarySchema } from '@ergoflow/report';
import { digest, type JsonObject, processEngine, threadEngine } from '@ergoflow/runner';
import { workerModule } from '@ergoflow/studies';
import { expect, test } from 'vitest';
import { emptyFolder, invoke, listing } from './fixtures/invoke.ts';
import { bitsOf, hasReaders, readings } from './fixtures/readings.ts';
import { lockFolder } from './lock.ts';
import { prepare } from './prepare.ts';
import { RESOLVED, runExperiment } from './runExperiment.ts';

/** Two ε of the linear system over a short time, in several tasks: a tenth of a second of computing. */
const SMALL: JsonObject = {
  name: 'small',
  study: 'averaging-error',
  model: 'linear',
  axes: { epsilon: [0.2, 0.1], replicate: 30000 },
  seed: 7,
  horizon: 0.1,
};

const without = (axes: JsonObject): JsonObject => ({ ...SMALL, axes });

async function run(experiment: JsonObject, folder: string, threads = 2, stopAfter = Number.POSITIVE_INFINITY): Promise<Summary> {
  const drain = new AbortController();
  let finished = 0;
  return await runExperiment({
    prepared: prepare(documentOf(experiment), []),
    folder,
    engine: () => threadEngine(workerModule, threads),
    isolation: () => processEngine(workerModule, 1),
    drain: drain.signal,
    verbosity: 1,
    onTask: () => {
      finished++;
      if (finished >= stopAfter) drain.abort();
    },
  });
}

const bytesOf = (folder: string, file = 'metrics.arrow'): string => digest(readFileSync(join(folder, file)));

test('leaves the same metrics at one and two threads, in another order of the axes, and when stopped twice', async () => {
  const folders = [emptyFolder(), emptyFolder(), emptyFolder()];
  const whole = await run(SMALL, folders[0], 1);
  expect(whole.status).toBe('done');
  await run(without({ replicate: 30000, epsilon: [0.1, 0.2] }), folders[1], 2);
  const first = await run(SMALL, folders[2], 1, 1);
  const second = await run(SMALL, folders[2], 2, 2);
  const third = await run(SMALL, folders[2], 2);
  expect([first.status, second.status, third.status]).toEqual(['drained', 'drained', 'done']);
  expect(first.tasks.done).toBeLessThan(second.tasks.done);
  expect(third.tasks.reused).toBe(second.tasks.done);
  expect(third.tasks.total).toBe(whole.tasks.total);
  expect(folders.map((folder) => bytesOf(folder))).toEqual(Array.from(folders, () => bytesOf(folders[0])));
  expect(folders.map((folder) => bytesOf(folder, 'fits.arrow'))).toEqual(Array.from(folders, () => bytesOf(folders[0], 'fits.arrow')));
});

test('one more ε and more replicates compute only these, and leave the old rows as they were', async () => {
  const folder = emptyFolder();
  const before = await run(SMALL, folder);
  const more = await run(without({ epsilon: [0.2, 0.1, 0.4], replicate: 30000 }), folder);
  expect(more.tasks.reused).toBe(before.tasks.total);
  for (const cell of before.cells) expect(more.cells.find(({ axes }) => axes.epsilon === cell.axes.epsilon)).toEqual(cell);
  const grown = await run(without({ epsilon: [0.2, 0.1], replicate: 50000 }), folder);
  expect(grown.tasks.reused).toBe(before.tasks.total);
  expect(grown.cells.every(({ count }) => count === 50000)).toBe(true);
  const again = await run(SMALL, folder);
  expect(again.tasks.reused).toBe(again.tasks.total);
  expect(again.cells).toEqual(before.cells);
});

test('leaves what its manifest says, a summary of its schema, and an experiment that can be run again', async () => {
  const folder = emptyFolder();
  const summary = await run({ ...SMALL, keep: ['trajectories'], set: { trajectories: { replicates: 3, every: 0.025 } } }, folder);
  expect(summarySchema.parse(JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8')))).toEqual(summary);
  const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Record<string, { rows: number; bytes: number; sha256: string }>;
  const arrows = listing(folder).filter((file) => file.endsWith('.arrow'));
  expect(Object.keys(manifest).sort()).toEqual(arrows);
  expect(arrows.filter((file) => file.startsWith('trajectories/')).length).toBe(2);
  for (const [file, { bytes, sha256 }] of Object.entries(manifest)) {
    const content = readFileSync(join(folder, file));
    expect([content.length, digest(content)]).toEqual([bytes, sha256]);
  }
  expect(manifest['metrics.arrow'].rows).toBe(summary.cells.reduce((total, { metrics }) => total + Object.keys(metrics).length, 0));
  expect(manifest['fits.arrow'].rows).toBe(summary.fits.length);
  // Three replicates at the start and four times.
  for (const file of arrows.filter((name) => name.startsWith('trajectories/'))) expect(manifest[file].rows).toBe(15);
  for (const file of Object.values(summary.files)) expect(listing(folder)).toContain(file.replace(/\/$/, ''));
  const repeated = emptyFolder();
  await runExperiment({
    prepared: prepare(readYamlFile(join(folder, RESOLVED)), []),
    folder: repeated,
    engine: () => threadEngine(workerModule, 2),
    isolation: () => processEngine(workerModule, 1),
    drain: new AbortController().signal,
    verbosity: 0,
  });
  expect(bytesOf(repeated)).toBe(bytesOf(folder));
  expect(listing(folder).filter((file) => file.endsWith('.tmp') || file === 'lock')).toEqual([]);
});

test('an adaptive number of replicates grows until every interval is tight, at the level asked for', async () => {
  const folder = emptyFolder();
  const axes = { epsilon: 0.2, replicate: { target: 0.05, level: 0.95, min: 64, max: 8192, metrics: ['strong-error'] } };
  const { cells, tasks, unreached } = await run(without(axes), folder);
  expect(tasks.reused).toBe(0);
  const again = await run(without(axes), folder);
  expect(again.cells).toEqual(cells);
  expect(again.tasks).toEqual({ ...tasks, reused: tasks.total });
  const { estimate, low, high } = cells[0].metrics['strong-error'];
  expect(cells[0].count).toBeGreaterThan(64);
  expect(cells[0].count).toBeLessThan(8192);
  expect((high - low) / 2 / estimate).toBeLessThanOrEqual(0.05);
  expect(unreached).toEqual([]);
});

test('intervals that cannot become tight are given up before the most replicates, and named', async () => {
  const axes = { epsilon: 0.2, replicate: { target: 0.001, min: 64, max: 512, metrics: ['strong-error'] } };
  const { cells, status, unreached } = await run(without(axes), emptyFolder());
  expect(status).toBe('done');
  expect(cells[0].count).toBeLessThan(512);
  expect(unreached).toEqual([{ axes: cells[0].axes, metric: 'strong-error', why: expect.stringMatching(/needs about|systematic error/) }]);
});

test('a folder that another run holds is refused by its process, and is free again after it', async () => {
  const folder = emptyFolder();
  const unlock = lockFolder(folder);
  await expect(run(SMALL, folder)).rejects.toThrow(InputError);
  await expect(run(SMALL, folder)).rejects.toThrow(`in use by process ${process.pid}`);
  unlock();
  expect((await run(SMALL, folder)).status).toBe('done');
});

test('plan, status and show tell the state of a run, as text and as JSON', async () => {
  const folder = emptyFolder();
  const file = join(folder, 'small.json.yaml');
  writeFileSync(file, JSON.stringify(SMALL));
  const results = join(folder, 'results');
  const planned = JSON.parse((await invoke('plan', file, '--out', results, '--json')).out);
  expect(planned).toMatchObject({ experiment: 'small', study: 'averaging-error', points: 2, tasks: { reused: 0 } });
  expect((await invoke('show', results)).exit).toBe(2);
  const stopped = await run(SMALL, results, 1, 2);
  const status = JSON.parse((await invoke('status', results, '--json')).out);
  expect(status).toMatchObject({ state: 'stopped', holder: null, tasks: { total: planned.tasks.total, done: stopped.tasks.done } });
  const summary = await run(SMALL, results);
  expect(JSON.parse((await invoke('show', results, '--json')).out)).toEqual(summary);
  const after = JSON.parse((await invoke('plan', file, '--out', results, '--json')).out);
  expect(after.tasks).toEqual({ total: planned.tasks.total, reused: planned.tasks.total, missing: 0 });
  const shown = await invoke('show', results);
  expect(shown.exit).toBe(0);
  expect(shown.out).toContain('strong-error');
  expect(shown.out).toContain(join(results, 'report.html'));
  expect((await invoke('status', results)).out).toContain('done');
});

if (hasReaders()) {
  test('pyarrow, pandas and polars read every Arrow file of a run, with its rows and meanings', async () => {
    const folder = emptyFolder();
    const summary = await run({ ...SMALL, keep: ['trajectories'], set: { trajectories: { replicates: 2, every: 0.05 } } }, folder);
    const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Record<string, { rows: number }>;
    expect(Object.keys(manifest).length).toBe(4);
    for (const [file, { rows }] of Object.entries(manifest)) {
      const found = readings(join(folder, file));
      expect([found.pyarrow.rows, found.pandas.rows, found.polars.rows]).toEqual([rows, rows, rows]);
      expect(found.pyarrow.metadata.meaning).toBeTruthy();
      for (const [name, { metadata }] of Object.entries(found.pyarrow.columns)) expect(metadata.meaning, `${file} ${name}`).toBeTruthy();
      if (file !== 'metrics.arrow') continue;
      const expected = summary.cells.flatMap(({ metrics }) => Object.values(metrics).map(({ estimate }) => bitsOf(estimate)));
      expect(found.polars.columns.estimate.values).toEqual(expected);
    }
  });
}
