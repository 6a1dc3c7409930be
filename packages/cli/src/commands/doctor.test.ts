import { afterEach, expect, test, vi } from 'vitest';
import { invoke } from '../fixtures/invoke.ts';

interface Finding {
  readonly what: string;
  readonly ok: boolean;
  readonly found: string;
  readonly remedy: string | null;
}

async function findings(tensorflow: string): Promise<ReadonlyMap<string, Finding>> {
  vi.stubEnv('ERGOFLOW_TENSORFLOW', tensorflow);
  const { exit, out, err } = await invoke('doctor', '--json');
  expect([exit, err]).toEqual([0, '']);
  return new Map((JSON.parse(out) as Finding[]).map((finding) => [finding.what, finding]));
}

afterEach(() => vi.unstubAllEnvs());

test('every part of the machine is named once, and what misses has a remedy', async () => {
  const found = await findings('');
  expect([...found.keys()]).toEqual(['node', 'cores', 'memory', 'native', 'wasm', 'reference', 'tensorflow', 'disk']);
  for (const { ok, remedy } of found.values()) expect(ok || remedy !== null).toBe(true);
});

test('TensorFlow is found with its back end, or told how to be had', async () => {
  expect((await findings('wasm')).get('tensorflow')).toMatchObject({
    ok: true,
    found: expect.stringContaining('tfjs-backend-wasm 4.22.0'),
    remedy: null,
  });
  expect((await findings('abacus')).get('tensorflow')).toMatchObject({
    ok: false,
    found: 'ERGOFLOW_TENSORFLOW must be node, wasm or cpu, got abacus',
    remedy: expect.stringContaining('set ERGOFLOW_TENSORFLOW'),
  });
});
