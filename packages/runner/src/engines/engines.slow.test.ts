import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { WorkerRequest } from '../worker.ts';
import { processEngine } from './processes.ts';
import { ENGINES } from './table.ts';

const WORKER = new URL('./fixtures/worker.ts', import.meta.url);
const request = (deed: string): WorkerRequest => ({ study: 's', kind: 'k', parameters: { do: deed }, from: 0, to: 3, inputs: [], tables: null });

test.each(Object.entries(ENGINES))('%s lose a worker that fills its heap, and the next task runs', async (name, makeEngine) => {
  const engine = makeEngine(WORKER, 1);
  try {
    const said =
      name === 'threads'
        ? { message: expect.stringContaining('memory limit') }
        : { end: { lastWords: expect.stringContaining('heap out of memory') } };
    await expect(engine.run(request('fill the heap'))).rejects.toMatchObject({ how: 'died', ...said });
    expect(await engine.run(request('count'))).toMatchObject({ ok: true });
  } finally {
    await engine.close();
  }
});

test('a process that fills its heap within one call, which would end a process of threads, leaves its neighbour alone', async () => {
  const engine = processEngine(WORKER, 2);
  try {
    const [dead, alive] = await Promise.allSettled([engine.run(request('fill the heap in one call')), engine.run(request('count'))]);
    expect(dead).toMatchObject({ reason: { how: 'died', end: { lastWords: expect.stringContaining('heap out of memory') } } });
    expect(alive.status).toBe('fulfilled');
  } finally {
    await engine.close();
  }
});

test('a process in an endless loop ends when its parent is killed', async () => {
  const parent = spawn(process.execPath, [...process.execArgv, fileURLToPath(new URL('./fixtures/loopingParent.ts', import.meta.url))], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const child = await new Promise<number>((resolve) => parent.stderr.on('data', (text: Buffer) => resolve(Number(text))));
  expect(readFileSync(`/proc/${child}/cmdline`, 'utf8')).toContain('loopingWorker');
  parent.kill('SIGKILL');
  // A process that has ended stays in the table until somebody asks for its end, with no command line.
  const isThere = (): boolean => {
    try {
      return readFileSync(`/proc/${child}/cmdline`).length > 0;
    } catch {
      return false;
    }
  };
  await expect.poll(isThere, { timeout: 20_000, interval: 100 }).toBe(false);
});
