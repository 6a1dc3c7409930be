/** A sweep killed again and again at random moments: its coordinator, one of its workers, or all its processes at once. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readTaskLog, type TaskRecord } from '@ergoflow/runner';
import { uniforms } from '@ergoflow/testing';
import { expect, test } from 'vitest';
import { emptyFolder } from './fixtures/invoke.ts';
import { metricsOf } from './fixtures/smallRun.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
/** Set ERGOFLOW_KILLS for more. */
const KILLS = Number(process.env.ERGOFLOW_KILLS ?? 20);

/** Some hundred tasks. */
const EXPERIMENT = `name: kills
study: averaging-error
model: linear
axes: { epsilon: 'geomspace(0.01, 0.1, 100)', replicate: 1000 }
horizon: 0.2
`;

const VICTIMS = ['coordinator', 'worker', 'tree'] as const;

/** Runs in a process group of its own, so that all of it can be killed; tasks in processes can be killed alone. */
function start(folder: string, engine: string, onStart: (pid: number) => void): Promise<NodeJS.Signals | number | null> {
  const list = [
    ...process.execArgv,
    MAIN,
    'run',
    join(folder, 'kills.yaml'),
    '--out',
    join(folder, 'results'),
    '-j',
    '2',
    '--engine',
    engine,
    '-q',
    '-v',
  ];
  const child = spawn(process.execPath, list, { stdio: 'ignore', detached: true });
  onStart(child.pid as number);
  return new Promise((resolve) => child.on('close', (exit, signal) => resolve(signal ?? exit)));
}

/** Children of a process, as Linux tells. */
function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
        return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === pid;
      } catch {
        return false;
      }
    })
    .map(Number);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function withExperiment(): string {
  const folder = emptyFolder();
  writeFileSync(join(folder, 'kills.yaml'), EXPERIMENT);
  return folder;
}

/** Tasks that were computed and called durable, in order, as the run's log tells; a line that a kill cut short tells nothing. */
const computed = (folder: string): string[] =>
  readFileSync(join(folder, 'results', 'log.ndjson'), 'utf8')
    .split('\n')
    .flatMap((line) => /"task":"([0-9a-f]{64})".*"msg":"task done"\}$/.exec(line)?.[1] ?? []);

test(`${KILLS} kills at random moments leave the bytes of a quiet run, and no durable task runs twice`, async () => {
  const whole = withExperiment();
  expect(await start(whole, 'threads', () => {})).toBe(0);
  const tasks = readTaskLog<TaskRecord>(join(whole, 'results')).records.length;
  let folder = withExperiment();
  const finish = (): void => {
    const { records, damage } = readTaskLog<TaskRecord>(join(folder, 'results'));
    expect(damage).toEqual([]);
    expect(records.length).toBe(tasks);
    const ids = computed(folder);
    expect(new Set(ids).size).toBe(ids.length);
    expect(metricsOf(join(folder, 'results'))).toBe(metricsOf(join(whole, 'results')));
    folder = withExperiment();
  };
  const random = uniforms('kills', 2 * KILLS);
  let killed = 0;
  for (let k = 0; k < KILLS; k++) {
    const victim = VICTIMS[Math.floor(VICTIMS.length * random[2 * k])];
    let timer: NodeJS.Timeout | undefined;
    const end = await start(folder, victim === 'worker' ? 'processes' : 'threads', (pid) => {
      const strike = (): void => {
        if (victim === 'coordinator') kill(pid);
        if (victim === 'tree') kill(-pid);
        if (victim === 'worker') for (const child of childrenOf(pid).slice(0, 1)) kill(child);
      };
      timer = setTimeout(strike, 300 + 8000 * random[2 * k + 1]);
    });
    clearTimeout(timer);
    // A run survives the loss of a worker.
    expect(victim === 'worker' ? [0] : [0, 'SIGKILL'], `kill ${k}, of the ${victim}`).toContain(end);
    if (end === 0) finish();
    else killed++;
  }
  expect(await start(folder, 'threads', () => {})).toBe(0);
  finish();
  expect(killed).toBeGreaterThan(KILLS / 4);
});
