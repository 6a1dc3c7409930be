import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Start } from '../fixtures/starts.ts';
import { findCompiler } from './compiler.ts';

const found = findCompiler();
if (typeof found !== 'string') {
  test('64 threads that start at once on a cold cache compile once', { timeout: 300_000 }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'ergoflow-cache-'));
    try {
      const [command, log, cache] = ['cc', 'log', 'cache'].map((name) => join(folder, name));
      writeFileSync(command, `#!/bin/sh\necho called >> ${log}\nsleep 0.5\nexec ${found.command.join(' ')} "$@"\n`, { mode: 0o755 });
      const script = fileURLToPath(new URL('../fixtures/starts.ts', import.meta.url));
      const env = { ...process.env, ERGOFLOW_CC: command, ERGOFLOW_CACHE: cache };
      const list = JSON.parse(execFileSync(process.execPath, [...process.execArgv, script, '64'], { env, encoding: 'utf8' })) as Start[];
      expect(list).toEqual(Array.from({ length: 64 }, () => ({ target: 'native', fallback: null, x: [9, 18, 27] })));
      expect(readFileSync(log, 'utf8')).toBe('called\n');
      expect(readdirSync(join(cache, 'kernels')).filter((name) => /lock|build/.test(name))).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}
