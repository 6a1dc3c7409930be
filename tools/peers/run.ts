/**
 * Other people's software beside ours: makes a Python environment with pinned packages, runs peers.py in it and our kernels, one core each, in one run.
 *
 * `npm run peers` compares simulations and a training step, `npm run peers -- training` the latter alone. Of simulations it prints the nanoseconds per
 * step and path and how many times as long the fastest peer takes; writes results/bench/peers.json.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { compile, openStream } from '@ergoflow/kernels';
import { SHAPES, type Shape } from '../../packages/kernels/bench/shapes.ts';
import { compareTraining } from './training.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const environment = here('../../node_modules/.cache/peers');
const python = `${environment}/bin/python`;

function mustRun(command: string, ...parts: readonly string[]): string {
  const { status, stdout } = spawnSync(command, parts, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 2 ** 26 });
  if (status !== 0) throw new Error(`${command} ${parts.join(' ')} failed`);
  return stdout;
}

/** Other programs on the same core would count as ours or theirs. */
function onOneCore(): boolean {
  const pinned = process.env.PEERS_PINNED === '1';
  if (!pinned && spawnSync('taskset', ['--version']).status === 0) {
    const parts = ['-c', '0', process.execPath, ...process.execArgv, ...process.argv.slice(1)];
    process.exitCode = spawnSync('taskset', parts, { stdio: 'inherit', env: { ...process.env, PEERS_PINNED: '1' } }).status ?? 1;
    return false;
  }
  return true;
}

interface Measured {
  readonly shape: string;
  readonly peer: string;
  readonly setting: string;
  readonly batch: number;
  readonly nanoseconds: number;
}

/** The least time of many runs, 64 paths. */
function ours({ name, slow, fast, program }: Shape, target: 'native' | 'wasm'): Measured {
  const lanes = 64;
  const steps = Math.ceil(5e5 / (slow + fast) / lanes);
  const kernel = compile(program, target);
  const uniforms = { h: Float64Array.of(0.001), epsilon: Float64Array.of(0.1), s: Float64Array.of(0.5) };
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 150; round++) {
    const states = { x: new Float64Array(slow * lanes).fill(0.5), y: new Float64Array(fast * lanes).fill(0.25) };
    const call = { lanes, steps, firstStep: 0, uniforms, states, streams: { W: openStream([1], 0, lanes) } };
    const before = process.hrtime.bigint();
    kernel.run(call);
    // The engine puts better machine code in place while the first ones run.
    if (round > 20) best = Math.min(best, Number(process.hrtime.bigint() - before) / steps / lanes);
  }
  if (kernel.target !== target) throw new Error(`${target} is not available: ${kernel.fallback}`);
  return { shape: name, peer: `ergoflow ${target}`, setting: 'simulate', batch: lanes, nanoseconds: best };
}

if (onOneCore()) {
  if (!existsSync(python)) mustRun('python3', '-m', 'venv', environment);
  mustRun(python, '-m', 'pip', 'install', '--quiet', '--requirement', here('./requirements.txt'));
  const asked = process.argv.slice(2);
  if (asked.length === 0 || asked.includes('simulation')) compareSimulations();
  if (asked.length === 0 || asked.includes('training')) compareTraining(() => mustRun(python, here('./training.py')));
}

function compareSimulations(): void {
  const before = SHAPES.flatMap((shape) => [ours(shape, 'native'), ours(shape, 'wasm')]);
  const peers = JSON.parse(mustRun(python, here('./peers.py'))) as Measured[];
  // Before and after, so that a change of the machine's speed in between would show.
  const after = SHAPES.flatMap((shape) => [ours(shape, 'native'), ours(shape, 'wasm')]);
  const own = before.map((row, k) => (row.nanoseconds < after[k].nanoseconds ? row : after[k]));
  for (const { name } of SHAPES) {
    const rows = [...own, ...peers].filter(({ shape }) => shape === name).sort((a, b) => a.nanoseconds - b.nanoseconds);
    const fastest = rows.find(({ peer }) => !peer.startsWith('ergoflow'));
    console.log(`${name}: ns per step and path`);
    for (const { peer, setting, batch, nanoseconds } of rows) {
      const ratio =
        peer.startsWith('ergoflow') && fastest !== undefined
          ? `; the fastest peer takes ${(fastest.nanoseconds / nanoseconds).toFixed(1)} times as long`
          : '';
      console.log(`  ${peer} ${nanoseconds.toFixed(1)} (${setting}, batch ${batch})${ratio}`);
    }
  }
  const file = here('../../results/bench/peers.json');
  mkdirSync(here('../../results/bench'), { recursive: true });
  const drift = before.map((row, k) => after[k].nanoseconds / row.nanoseconds);
  writeFileSync(file, `${JSON.stringify({ processor: cpus()[0]?.model, node: process.version, rows: [...own, ...peers], drift }, null, 2)}\n`);
  console.log(`written to ${file}`);
}
