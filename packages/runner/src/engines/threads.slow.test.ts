import { expect, test } from 'vitest';
import type { WorkerRequest } from '../worker.ts';
import { threadEngine } from './threads.ts';

const request = (deed: string): WorkerRequest => ({ study: 's', kind: 'k', parameters: { do: deed }, from: 0, to: 3, inputs: [], tables: null });

test('a task that fills the heap of its thread is rejected, and the next one runs', async () => {
  const engine = threadEngine(new URL('./fixtures/worker.ts', import.meta.url), 1);
  try {
    await expect(engine.run(request('fill the heap'))).rejects.toThrow('memory limit');
    expect(await engine.run(request('count'))).toMatchObject({ ok: true });
  } finally {
    await engine.close();
  }
});
