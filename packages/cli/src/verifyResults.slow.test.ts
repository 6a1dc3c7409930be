import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTaskLog, type TaskRecord } from '@ergoflow/runner';
import { test } from 'vitest';
import { cut, expectRepair, flip } from './fixtures/damage.ts';
import { emptyFolder, listing } from './fixtures/invoke.ts';
import { smallRun } from './fixtures/smallRun.ts';

const whole = emptyFolder();
await smallRun(whole);
const tables = listing(whole).filter((file) => file.startsWith('trajectories/') && file.endsWith('.arrow'));
const shares = Array.from({ length: 40 }, (_, k) => k / 40);

test('Arrow files cut at, or with a bit flipped at, any of forty places are named and made again', async () => {
  for (const [k, share] of shares.entries()) {
    await expectRepair(whole, tables[k % tables.length], cut(share), 1);
    await expectRepair(whole, tables[k % tables.length], flip(share, k % 8), 1);
    await expectRepair(whole, 'metrics.arrow', k % 2 === 0 ? cut(share) : flip(share, k % 8), 0);
  }
});

test('a log of tasks cut at any of forty places keeps all records before, and the run computes those behind', async () => {
  const bytes = readFileSync(join(whole, 'tasks.log'));
  const ends = readTaskLog<TaskRecord>(whole).records.map((record) => bytes.indexOf(`"id":"${record.id}"`));
  for (const share of shares.slice(1)) {
    const length = Math.floor(share * bytes.length);
    // A record whose identity is whole may yet be torn.
    const begun = ends.filter((at) => at < length).length;
    await expectRepair(whole, 'tasks.log', cut(share), ends.length - begun + 1);
  }
});

test('a log of tasks with a bit flipped at any of forty places loses one record at most', async () => {
  for (const [k, share] of shares.entries()) await expectRepair(whole, 'tasks.log', flip(share, k % 7), share === 0 ? 0 : 1);
});
