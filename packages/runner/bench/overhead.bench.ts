/**
 * What the runner adds to tasks: no-op tasks with durable results, tasks of 10 ms, a run of 10^5 tasks that are all done, and a plan of 10^6.
 *
 * Prints one line per case: microseconds per task, or the whole time. On a busy machine the processor's times say more than those of the clock.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ENGINES } from '../src/engines/table.ts';
import { type Execution, execute } from '../src/execute.ts';
import { FAILURES, type FailedTask } from '../src/failedTask.ts';
import { IDENTITY, workOf } from '../src/fixtures/workshop.ts';
import { planWork } from '../src/planWork.ts';
import { openInFlight } from '../src/store/inFlight.ts';
import { openTaskLog } from '../src/store/taskLog.ts';
import type { TaskRecord } from '../src/taskRecord.ts';
import type { Work } from '../src/work.ts';

const WORKER = new URL('./worker.ts', import.meta.url);
const SLOTS = 2;

/** Runs works in a folder, and gives the seconds from opening the store to the merged outcome, without the start of the workers. */
async function time(
  folder: string,
  works: readonly Work[],
  makeEngine = ENGINES.threads,
): Promise<{ seconds: number; cpu: number; main: number; taskSeconds: number; tasks: Execution['tasks'] }> {
  const engine = makeEngine(WORKER, SLOTS);
  const warm = { study: 's', kind: 'numbers', parameters: { milliseconds: 0 }, from: 0, to: 1, inputs: [], tables: null };
  await Promise.all(Array.from({ length: SLOTS }, () => engine.run(warm)));
  const start = performance.now();
  const cpuStart = process.cpuUsage();
  const mainStart = mainThreadSeconds();
  const log = openTaskLog<TaskRecord>(folder);
  const failureLog = openTaskLog<FailedTask>(folder, FAILURES);
  const inFlight = openInFlight(folder);
  const { tasks } = await execute({
    works,
    identity: IDENTITY,
    log,
    failureLog,
    inFlight,
    engine,
    bundleMilliseconds: 40,
    drain: new AbortController().signal,
    folder,
  });
  inFlight.close();
  log.close();
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpuStart);
  const main = mainThreadSeconds() - mainStart;
  failureLog.close();
  await engine.close();
  const taskSeconds = log.records.reduce((sum, { milliseconds }) => sum + milliseconds / 1000, 0);
  return { seconds, taskSeconds, cpu: (user + system) / 1e6, main, tasks };
}

/** Processor time of this thread; NaN where the system does not tell. */
function mainThreadSeconds(): number {
  try {
    return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'latin1').split(' ')[0]) / 1e9;
  } catch {
    return Number.NaN;
  }
}

const work = (milliseconds: number, tasks: number): Work => workOf('w', { parameters: { milliseconds }, replicates: tasks, blockSize: 1 });

for (const [name, makeEngine] of Object.entries(ENGINES)) {
  const folder = mkdtempSync(join(tmpdir(), 'ergoflow-bench-'));
  try {
    const tasks = name === 'threads' ? 100_000 : 20_000;
    const first = await time(folder, [work(0, tasks)], makeEngine);
    console.log(
      `${name}: ${tasks} no-op tasks with durable results: ${((1e6 * first.seconds) / tasks).toFixed(1)} µs each, ${((1e6 * first.cpu) / tasks).toFixed(1)} µs of CPU of this process, ${((1e6 * first.main) / tasks).toFixed(1)} of them of its main thread`,
    );
    const again = await time(folder, [work(0, tasks)], makeEngine);
    console.log(`${name}: the same again, ${again.tasks.reused} reused: ${again.seconds.toFixed(2)} s, ${again.cpu.toFixed(2)} s of CPU`);
  } finally {
    rmSync(folder, { recursive: true });
  }
  const folder10 = mkdtempSync(join(tmpdir(), 'ergoflow-bench-'));
  try {
    const { seconds, taskSeconds } = await time(folder10, [work(10, 400)], makeEngine);
    // A busy machine ends a wait of 10 ms late, in the task's own time.
    const least = taskSeconds / SLOTS;
    console.log(
      `${name}: 400 tasks of 10 ms on ${SLOTS}: ${seconds.toFixed(3)} s, ${((100 * (seconds - least)) / least).toFixed(1)} % over the ${least.toFixed(3)} s that they took themselves`,
    );
  } finally {
    rmSync(folder10, { recursive: true });
  }
}

const start = performance.now();
const cpuStart = process.cpuUsage();
const plan = planWork(
  Array.from({ length: 1000 }, (_, cell) => workOf('w', { parameters: { cell }, replicates: 1000, blockSize: 1 })),
  IDENTITY,
  new Map(),
);
const { user, system } = process.cpuUsage(cpuStart);
const planned = plan.works.reduce((sum, { tasks }) => sum + tasks.length, 0);
const megabytes = process.memoryUsage.rss() / 2 ** 20;
console.log(
  `plan of ${planned} tasks in 1000 cells: ${((performance.now() - start) / 1000).toFixed(2)} s, ${((user + system) / 1e6).toFixed(2)} s of CPU, resident memory ${megabytes.toFixed(0)} MiB`,
);
