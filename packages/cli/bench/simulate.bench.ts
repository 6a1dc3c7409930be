/**
 * The whole command beside its kernel: `ergoflow simulate`, built, from its start to its end, on one thread and on two, and the kernel's calls alone.
 *
 * 10^5 paths × 10^4 steps of the model `double-well`. What two threads can give at best is measured by two processes that do nothing but the kernel.
 * Everything is run in turn, several times, and the least time counts. Writes results/bench/simulate.json.
 */
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const [PATHS, STEPS, ROUNDS] = [100_000, 10_000, 5];
const [EPSILON, STEP] = [0.1, 0.005];
/** Paths of one task of the command. */
const LANES = 992;

const root = fileURLToPath(new URL('../../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ergoflow-bench-'));
const run = promisify(execFile);

async function kernelAlone(paths: number): Promise<number> {
  const script = fileURLToPath(new URL('./kernelAlone.ts', import.meta.url));
  const list = [join(root, 'models/double-well.yaml'), EPSILON, STEP, paths, STEPS, LANES].map(String);
  const { stdout } = await run(process.execPath, [...process.execArgv, script, ...list]);
  return Number(stdout);
}

async function twoKernels(): Promise<number> {
  return Math.max(...(await Promise.all([kernelAlone(PATHS / 2), kernelAlone(PATHS / 2)])));
}

let seed = 0;

async function command(threads: number): Promise<number> {
  const out = join(folder, `run-${seed++}`);
  const list = ['simulate', 'double-well', `epsilon=${EPSILON}`, `step=${STEP}`, `horizon=${STEP * STEPS}`, `replicate=${PATHS}`, 'paths=false'];
  const start = performance.now();
  await run(process.execPath, [join(root, 'packages/cli/dist/main.js'), ...list, '--quiet', '-j', `${threads}`, '--seed', `${seed}`, '--out', out], {
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const seconds = (performance.now() - start) / 1000;
  rmSync(out, { recursive: true });
  return seconds;
}

const CASES: Readonly<Record<string, () => Promise<number>>> = {
  'kernel alone': () => kernelAlone(PATHS),
  'simulate -j 1': () => command(1),
  'simulate -j 2': () => command(2),
  'two kernels side by side': twoKernels,
};

execFileSync('npm', ['run', 'build'], { cwd: root, stdio: 'ignore' });
const least = new Map<string, number>();
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, once] of Object.entries(CASES)) least.set(name, Math.min(least.get(name) ?? Number.POSITIVE_INFINITY, await once()));
}
rmSync(folder, { recursive: true });
const seconds = Object.fromEntries(least);
const ratios = {
  'simulate -j 1 / kernel alone': seconds['simulate -j 1'] / seconds['kernel alone'],
  'simulate -j 1 / simulate -j 2': seconds['simulate -j 1'] / seconds['simulate -j 2'],
  'kernel alone / two kernels side by side': seconds['kernel alone'] / seconds['two kernels side by side'],
};
console.log(`double-well, ${PATHS} paths × ${STEPS} steps, least of ${ROUNDS}`);
for (const [name, value] of Object.entries(seconds)) console.log(`  ${name}: ${value.toFixed(2)} s`);
for (const [name, value] of Object.entries(ratios)) console.log(`  ${name}: ${value.toFixed(3)}`);
const file = join(root, 'results/bench/simulate.json');
mkdirSync(join(file, '..'), { recursive: true });
writeFileSync(
  file,
  `${JSON.stringify({ processor: cpus()[0]?.model, cores: availableParallelism(), node: process.version, seconds, ratios }, null, 2)}\n`,
);
console.log(`written to ${file}`);
