import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Start } from '../fixtures/starts.ts';
import { compileLibrary, findCompiler } from './compiler.ts';

let folder = '';
let cache = '';
let log = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ergoflow-cache-'));
  cache = join(folder, 'cache');
  log = join(folder, 'log');
  writeFileSync(log, '');
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A compiler that notes that it was called, then does what the script says; `real "$@"` compiles, or writes some bytes where there is no compiler. */
function compiler(script: string): string {
  const path = join(folder, 'cc');
  const found = findCompiler();
  const real = typeof found === 'string' ? 'false' : found.command.join(' ');
  writeFileSync(path, `#!/bin/sh\nreal() { ${real} "$@"; }\necho called >> ${log}\n${script}\n`, { mode: 0o755 });
  return path;
}

const HAS_COMPILER = typeof findCompiler() !== 'string';
const calls = (): number => readFileSync(log, 'utf8').split('\n').length - 1;

/** Starts a process that runs a kernel in some threads; 0: in its main thread. */
function starts(threads: number, command: string, more: Record<string, string> = {}, ahead: readonly string[] = []): Promise<Start[]> {
  const script = fileURLToPath(new URL('../fixtures/starts.ts', import.meta.url));
  const env = { ...process.env, ERGOFLOW_CC: command, ERGOFLOW_CACHE: cache, ...more };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [...process.execArgv, ...ahead, script, `${threads}`], { env }, (error, stdout) => {
      if (error !== null) reject(error);
      else resolve(JSON.parse(stdout));
    });
  });
}

/** Whatever happens to the compiler, the numbers are right. */
function expectRight(list: readonly Start[], target: string, fallback: RegExp | null): void {
  for (const start of list) {
    expect(start.x).toEqual([9, 18, 27]);
    expect(start.target).toBe(HAS_COMPILER ? target : 'wasm');
    if (fallback === null && HAS_COMPILER) expect(start.fallback).toBeNull();
    else if (fallback !== null) expect(start.fallback).toMatch(fallback);
  }
}

test('many threads of several processes compile once on a cold cache, and never again', async () => {
  const command = compiler('sleep 0.3; real "$@"');
  const list = await Promise.all([starts(4, command), starts(4, command)]);
  expectRight(list.flat(), 'native', null);
  if (HAS_COMPILER) expect(calls()).toBe(1);
  const before = calls();
  expectRight(await starts(0, command), 'native', null);
  if (HAS_COMPILER) expect(calls()).toBe(before);
  expect(readdirSync(join(cache, 'kernels')).filter((name) => /lock|build/.test(name))).toEqual([]);
});

test.each([
  ['has died', 2 ** 22 + 1],
  ['has died, and its number given to another', process.pid],
])('a lock of a process that %s holds nobody up', async (_, pid) => {
  const command = compiler('real "$@"');
  expectRight(await starts(0, command), 'native', null);
  const [entry] = readdirSync(join(cache, 'kernels')).filter((name) => !name.endsWith('.so'));
  rmSync(cache, { recursive: true });
  mkdirSync(join(cache, 'kernels'), { recursive: true });
  writeFileSync(join(cache, 'kernels', `${entry}.lock`), JSON.stringify({ host: hostname(), pid, start: '1' }));
  expectRight(await starts(0, command), 'native', null);
});

test('a library that was cut short is compiled anew', async () => {
  const command = compiler('real "$@"');
  expectRight(await starts(0, command), 'native', null);
  for (const name of readdirSync(join(cache, 'kernels'))) if (name.endsWith('.so')) truncateSync(join(cache, 'kernels', name), 1000);
  expectRight(await starts(0, command), 'native', null);
  if (HAS_COMPILER) expect(calls()).toBe(2);
});

test.each([
  ['fails', 'echo "error: no" >&2; exit 3', /failed with status 3: error: no/],
  ['is killed', 'kill -9 $$', /was killed by SIGKILL/],
  ['says that all is well but leaves nothing', 'exit 0', /status 0/],
  ['leaves something that is no library', 'while [ "$1" != -o ]; do shift; done; echo nonsense > "$2"', /cannot be loaded/],
])('a compiler that %s is done without, with the reason', async (_, script, reason) => {
  expectRight(await starts(0, compiler(script)), 'wasm', reason);
});

test('no compiler, no folder to write to, and no koffi are done without, with the reason', async () => {
  expectRight(await starts(0, join(folder, 'missing')), 'wasm', /names no program/);
  expectRight(await starts(0, compiler('real "$@"'), { ERGOFLOW_CACHE: join(log, 'under a file') }), 'wasm', /cache folder .* cannot be used/);
  const hide = join(folder, 'hide.cjs');
  writeFileSync(
    hide,
    `const M = require('node:module'); const f = M._resolveFilename; M._resolveFilename = (name, ...rest) => { if (name === 'koffi') throw new Error('no koffi here'); return f(name, ...rest); };`,
  );
  expectRight(await starts(0, compiler('real "$@"'), {}, ['--require', hide]), 'wasm', /no koffi here/);
});

test.each(['.lock.', 'kernel.c', 'entry'])('a disk that is full when %s is written is done without, with the reason', async (name) => {
  const full = join(folder, 'full.cjs');
  writeFileSync(
    full,
    `const fs = require('node:fs'); const write = fs.writeFileSync;
fs.writeFileSync = (path, ...rest) => {
  if (String(path).includes(${JSON.stringify(name)})) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  return write(path, ...rest);
};
require('node:module').syncBuiltinESMExports();`,
  );
  expectRight(
    await starts(0, compiler('real "$@"'), {}, ['--require', full]),
    'wasm',
    HAS_COMPILER ? /cache folder .* cannot be used: ENOSPC/ : null,
  );
  expect(readdirSync(join(cache, 'kernels')).filter((left) => /lock|build/.test(left))).toEqual([]);
});

test('a compiler that hangs is killed, with what it started', async () => {
  const child = join(folder, 'child');
  const hanging = compiler(`sleep 100 & echo $! > ${child}; wait`);
  const failure = compileLibrary({ command: [hanging], flags: [], identity: '' }, 'x.c', join(folder, 'x.so'), 'exact', 1000);
  expect(failure).toEqual({ reason: expect.stringContaining('took more than 1 second'), lasting: true });
  const number = Number(readFileSync(child, 'utf8'));
  expect(number).toBeGreaterThan(1);
  await vi.waitFor(() => expect(isRunning(number)).toBe(false), { timeout: 5000 });
});

/** A process that was killed stays in the table until its parent has heard of it. */
function isRunning(number: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${number}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
