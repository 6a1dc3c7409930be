import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { digest } from '@ergoflow/runner';
import { expect, test } from 'vitest';
import { emptyFolder, listing } from './fixtures/invoke.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

/** Some seconds of computing in some dozens of tasks. */
const EXPERIMENT = `name: signals
study: averaging-error
model: linear
axes: { epsilon: [0.1, 0.05], replicate: 50000 }
`;

interface Ended {
  readonly exit: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
}

/** Runs the program as a process of its own, as a shell does, and lets a test act when the log of tasks has grown. */
function start(folder: string, onTask: (child: ChildProcess) => void, threads = 2): Promise<Ended> {
  const list = [...process.execArgv, MAIN, 'run', join(folder, 'signals.yaml'), '--out', join(folder, 'results'), '-j', String(threads), '--json'];
  const child = spawn(process.execPath, list, { stdio: ['ignore', 'pipe', 'ignore'] });
  const log = join(folder, 'results', 'tasks.log');
  const before = existsSync(log) ? statSync(log).size : 0;
  // The folder appears with the run, so what is watched is the one above.
  const watcher = watch(folder, { recursive: true }, () => {
    // The header alone is 17 bytes.
    if (!existsSync(log) || statSync(log).size <= Math.max(before, 17)) return;
    watcher.close();
    onTask(child);
  });
  let out = '';
  child.stdout.on('data', (text: Buffer) => {
    out += text.toString();
  });
  return new Promise((resolve) => {
    child.on('close', (exit, signal) => {
      watcher.close();
      resolve({ exit, signal, out });
    });
  });
}

function folderWith(): string {
  const folder = emptyFolder();
  writeFileSync(join(folder, 'signals.yaml'), EXPERIMENT);
  return folder;
}

const metrics = (folder: string): string => digest(readFileSync(join(folder, 'results', 'metrics.arrow')));

test('Ctrl-C drains with exit code 75 and keeps what is done; run again it goes on to the same bytes', async () => {
  const whole = folderWith();
  expect((await start(whole, () => undefined)).exit).toBe(0);
  const folder = folderWith();
  const done: number[] = [];
  for (let stop = 0; stop < 2; stop++) {
    const { exit, out } = await start(folder, (child) => child.kill('SIGINT'), stop + 1);
    expect(exit).toBe(75);
    const { status, tasks } = JSON.parse(out);
    expect(status).toBe('drained');
    expect(tasks.done + tasks.remaining).toBe(tasks.total);
    done.push(tasks.done);
  }
  expect(done[0]).toBeGreaterThan(0);
  expect(done[1]).toBeGreaterThan(done[0]);
  const last = await start(folder, () => undefined);
  expect(last.exit).toBe(0);
  expect(JSON.parse(last.out).tasks.reused).toBe(done[1]);
  expect(metrics(folder)).toBe(metrics(whole));
});

test('a second signal ends at once, and a killed run leaves a folder that the next one takes over', async () => {
  const folder = folderWith();
  const aborted = await start(folder, (child) => {
    child.kill('SIGTERM');
    // Beyond the time in which a second signal counts as the same press of the key.
    setTimeout(() => child.kill('SIGTERM'), 400);
  });
  // Whoever drains faster than the second signal comes is done with draining.
  expect([143, 75]).toContain(aborted.exit);
  const killed = await start(folder, (child) => child.kill('SIGKILL'));
  expect(killed.signal).toBe('SIGKILL');
  expect(listing(join(folder, 'results'))).toContain('lock');
  expect((await start(folder, () => undefined)).exit).toBe(0);
  expect(listing(join(folder, 'results'))).not.toContain('lock');
});
