import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { run } from './api/run.ts';
import { emptyFolder } from './fixtures/invoke.ts';

/** What the script says of a file. */
interface Readings {
  readonly pyarrow: {
    readonly rows: number;
    readonly metadata: Readonly<Record<string, string>>;
    readonly columns: Readonly<Record<string, Reading>>;
  };
  readonly pandas: { readonly rows: number };
  readonly polars: { readonly rows: number; readonly columns: Readonly<Record<string, Reading>> };
}
interface Reading {
  readonly type: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly values: readonly unknown[];
}

const script = fileURLToPath(new URL('../../runner/src/arrow/fixtures/readArrow.py', import.meta.url));
const own = fileURLToPath(new URL('../../../.venv/bin/python', import.meta.url));
const python = existsSync(own) ? own : 'python3';

function hasReaders(): boolean {
  try {
    execFileSync(python, ['-c', 'import pyarrow, pandas, polars'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

if (hasReaders()) {
  test('pyarrow, pandas and polars read every Arrow file of a run, with its rows and meanings', async () => {
    const folder = emptyFolder();
    const experiment = {
      name: 'python',
      study: 'averaging-error',
      model: 'linear',
      axes: { epsilon: [0.2, 0.1], replicate: 50 },
      set: { horizon: 0.1, trajectories: { replicates: 2, every: 0.05 } },
      keep: ['trajectories'],
    };
    const summary = await run(experiment, { folder, threads: 1 });
    const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Record<string, { rows: number }>;
    expect(Object.keys(manifest).length).toBe(4);
    for (const [file, { rows }] of Object.entries(manifest)) {
      const found = JSON.parse(execFileSync(python, [script, join(folder, file)], { encoding: 'utf8' })) as Readings;
      expect([found.pyarrow.rows, found.pandas.rows, found.polars.rows]).toEqual([rows, rows, rows]);
      expect(found.pyarrow.metadata.meaning).toBeTruthy();
      for (const [name, { metadata }] of Object.entries(found.pyarrow.columns)) expect(metadata.meaning, `${file} ${name}`).toBeTruthy();
      if (file !== 'metrics.arrow') continue;
      const expected = summary.cells.flatMap(({ metrics }) => Object.values(metrics).map(({ estimate }) => bits(estimate)));
      expect(found.polars.columns.estimate.values).toEqual(expected);
    }
  });
}

/** A float64 as the script writes it. */
function bits(x: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  return view.getBigUint64(0).toString(16).padStart(16, '0');
}
