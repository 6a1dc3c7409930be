/**
 * Paths to disk beside the disk itself: `ergoflow simulate` that keeps every point of its paths, on all cores, from its start to its end, and `dd` with
 * an fsync at its end, of as many bytes to the same disk.
 *
 * Everything is run in turn, several times, and the least time counts. Writes results/bench/trajectories.json. It needs 2 GB of disk.
 */
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const [PATHS, STEPS, ROUNDS] = [20_000, 2000, 5];
const [EPSILON, STEP] = [0.1, 0.005];

const root = fileURLToPath(new URL('../../../', import.meta.url));
const results = join(root, 'results/bench');
mkdirSync(results, { recursive: true });
const folder = mkdtempSync(join(results, 'trajectories-'));
const run = promisify(execFile);

async function secondsOf(command: string, list: readonly string[]): Promise<number> {
  const start = performance.now();
  await run(command, [...list], { env: { ...process.env, NODE_OPTIONS: '' } });
  return (performance.now() - start) / 1000;
}

let bytes = 0;

async function simulate(round: number): Promise<number> {
  const out = join(folder, 'run');
  const asked = [`epsilon=${EPSILON}`, `step=${STEP}`, `horizon=${STEP * STEPS}`, `every=${STEP}`, `replicate=${PATHS}`];
  const list = [join(root, 'packages/cli/dist/main.js'), 'simulate', 'double-well', ...asked, '--quiet', '--seed', `${round}`, '--out', out];
  const seconds = await secondsOf(process.execPath, list);
  bytes = readdirSync(out, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.arrow'))
    .reduce((total, name) => total + statSync(join(out, name)).size, 0);
  rmSync(out, { recursive: true });
  return seconds;
}

async function plain(): Promise<number> {
  const path = join(folder, 'plain');
  const seconds = await secondsOf('dd', ['if=/dev/zero', `of=${path}`, 'bs=1M', `count=${Math.round(bytes / 2 ** 20)}`, 'conv=fsync']);
  rmSync(path);
  return seconds;
}

execFileSync('npm', ['run', 'build'], { cwd: root, stdio: 'ignore' });
const least = { simulate: Number.POSITIVE_INFINITY, plain: Number.POSITIVE_INFINITY };
for (let round = 0; round < ROUNDS; round++) {
  least.simulate = Math.min(least.simulate, await simulate(round));
  least.plain = Math.min(least.plain, await plain());
}
rmSync(folder, { recursive: true });
const gigabytes = bytes / 1e9;
const ratio = least.plain / least.simulate;
console.log(`double-well, ${PATHS} paths × ${STEPS + 1} points, ${gigabytes.toFixed(2)} GB, least of ${ROUNDS}`);
for (const [name, seconds] of Object.entries(least)) console.log(`  ${name}: ${seconds.toFixed(2)} s, ${(gigabytes / seconds).toFixed(2)} GB/s`);
console.log(`  share of the disk's plain speed: ${ratio.toFixed(2)}`);
const file = join(results, 'trajectories.json');
const machine = { processor: cpus()[0]?.model, cores: availableParallelism(), node: process.version };
writeFileSync(file, `${JSON.stringify({ ...machine, bytes, seconds: least, ratio }, null, 2)}\n`);
console.log(`written to ${file}`);
