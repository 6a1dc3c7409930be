/**
 * One training step of the reference size on each target beside C written by hand (training.c), in one run on one core.
 *
 * Everything is timed in turn, many times, and the least time counts: other programs can only add to it. Each way of running is checked to give the
 * derivatives of the first. Writes results/bench/training.json.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { REFERENCE_SIZES, weightsOf } from '../src/training/fixtures/couplingFlow.ts';
import { ours, type Start, type Stepper, startOf } from './trainingStep.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 400);
const WEIGHTS = weightsOf(REFERENCE_SIZES);
const folder = mkdtempSync(join(tmpdir(), 'ergoflow-bench-'));
const source = fileURLToPath(new URL('./training.c', import.meta.url));
const FLAGS = ['-std=gnu11', '-O3', '-march=native', '-ffp-contract=fast', '-fno-math-errno', '-fno-trapping-math', '-shared', '-fPIC'];

interface Library {
  func(definition: string): (...parts: unknown[]) => number;
}

/** training.c by a compiler; undefined if there is none. */
function hand(compiler: string, start: Start): Stepper | undefined {
  const path = join(folder, `${compiler}.so`);
  const { status, stderr } = spawnSync(compiler, [...FLAGS, '-o', path, source], { encoding: 'utf8' });
  if (status !== 0) {
    console.log(`(training.c cannot be built by ${compiler}: ${stderr?.split('\n')[0] || 'not found'})`);
    return undefined;
  }
  const library = (createRequire(import.meta.url)('koffi') as { load(path: string): Library }).load(path);
  const pointers = ['weights', 'm', 'v', 'z', 'x', 'gram', 'linear'].map((name) => `float *${name}`).join(', ');
  const call = library.func(`float training_step(${pointers}, float rate)`);
  const derivative = library.func('float training_gradient(int64_t k)');
  const joined = (kind: string): Float32Array => Float32Array.from(WEIGHTS.flatMap(({ name }) => [...start[kind + name]]));
  const [weights, m, v] = ['', 'm ', 'v '].map(joined);
  const starts = new Map<string, number>();
  let next = 0;
  for (const { name, rows, columns } of WEIGHTS) {
    starts.set(name, next);
    next += rows * columns;
  }
  let loss = Number.NaN;
  return {
    step: () => {
      loss = call(weights, m, v, start.z, start.x, start.gram, start.linear, start.rate[0]);
    },
    loss: () => loss,
    derivative: (name) => Float32Array.from(start[name], (_, k) => derivative((starts.get(name) as number) + k)),
  };
}

const start = startOf();
const [native, wasm] = [ours('native', start), ours('wasm', start)];
const ways = new Map<string, Stepper>([['native', native]]);
for (const compiler of ['gcc', 'clang']) {
  const made = hand(compiler, start);
  if (made !== undefined) ways.set(`C by ${compiler}`, made);
}
ways.set('wasm', wasm);

for (const [name, way] of ways) {
  way.step();
  for (const { name: weight } of WEIGHTS) {
    const [expected, found] = [native.derivative(weight), way.derivative(weight)];
    const scale = Math.max(...Float64Array.from(expected, Math.abs));
    for (const [k, value] of found.entries()) {
      if (!(Math.abs(value - expected[k]) < 1e-3 * scale))
        throw new Error(`${name} has another derivative by ${weight}[${k}]: ${value}, not ${expected[k]}`);
    }
  }
}
const least = new Map<string, number>();
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, way] of ways) {
    const before = process.hrtime.bigint();
    way.step();
    const time = Number(process.hrtime.bigint() - before) / 1e6;
    // The engine puts better machine code in place while the first ones run.
    if (round > ROUNDS / 4) least.set(name, Math.min(least.get(name) ?? Number.POSITIVE_INFINITY, time));
  }
}
const times = Object.fromEntries(least);
const best = Math.min(...Object.entries(times).flatMap(([name, time]) => (name.startsWith('C ') ? [time] : [])));
const ratios = { 'native / C': times.native / best, 'wasm / native': times.wasm / times.native };
for (const [name, time] of least) console.log(`${name}: ${time.toFixed(2)} ms, loss ${ways.get(name)?.loss()}`);
for (const [name, ratio] of Object.entries(ratios)) console.log(`${name}: ${ratio.toFixed(2)}`);
console.log(`ready after ${native.milliseconds.toFixed(0)} ms (native, kept library or not) and ${wasm.milliseconds.toFixed(0)} ms (wasm)`);
const file = fileURLToPath(new URL('../../../results/bench/training.json', import.meta.url));
mkdirSync(join(file, '..'), { recursive: true });
writeFileSync(file, `${JSON.stringify({ processor: cpus()[0]?.model, node: process.version, milliseconds: times, ratios }, null, 2)}\n`);
console.log(`written to ${file}`);
rmSync(folder, { recursive: true });
