/** `ergoflow verify`: looks for damage in results, and computes a sample of tasks again. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError, quoted } from '@ergoflow/input';
import { ENGINES, recompute, type TaskRecord } from '@ergoflow/runner';
import { workerModule } from '@ergoflow/studies';
import { EXIT } from '../exitCodes.ts';
import { holderOf } from '../lock.ts';
import type { Given } from '../options.ts';
import { COMMAND_LINE } from '../place.ts';
import { firstReplicates, type Prepared } from '../prepare.ts';
import { findResults } from '../resultsOf.ts';
import { identityOf } from '../runExperiment.ts';
import { verifyResults } from '../verifyResults.ts';
import type { RunCommand } from './command.ts';
import { planOf } from './plan.ts';

/** Verifies results; exit code 1 if anything is wrong. */
export const verify: RunCommand = async (given) => {
  const folder = findResults(given);
  const sample = sampleOf(given);
  const holder = holderOf(folder);
  const { damage, alarms, files, records, prepared } = verifyResults(folder, holder === null);
  const compared = prepared === null || sample === null ? null : await compare(prepared, records, given, sample);
  const missing = prepared === null ? null : planOf(prepared, folder).tasks.missing;
  const allAlarms = [
    ...alarms,
    ...(compared?.alarms ?? []).map(({ task, kind, from, to, problem }) => `task ${task} (${kind}, replicates ${from} to ${to - 1}) ${problem}`),
  ];
  const content = { folder, records: records.length, files, damage, alarms: allAlarms, recomputed: compared?.compared ?? 0, missingTasks: missing };
  if (given.json) process.stdout.write(`${JSON.stringify(content, null, 2)}\n`);
  else {
    const lines = [
      ...damage,
      ...allAlarms.map((alarm) => `ALARM: ${alarm}`),
      `${records.length} records and ${files} Arrow files read: ${damage.length === 0 ? 'no damage' : `${damage.length} damaged`}`,
      ...(compared === null
        ? []
        : [`${compared.compared} tasks computed again: ${compared.alarms.length === 0 ? 'the same bits' : `${compared.alarms.length} differ`}`]),
      ...(missing === null || missing === 0 ? [] : [`run computes the ${missing} tasks that are missing`]),
      ...(holder === null ? [] : [`process ${holder.pid} on ${holder.host} is at it: what it writes may look damaged, and nothing was set aside`]),
    ];
    process.stdout.write(`${lines.join('\n')}\n`);
  }
  return damage.length + allAlarms.length > 0 ? EXIT.failed : EXIT.done;
};

async function compare(prepared: Prepared, records: readonly TaskRecord[], given: Given, share: number) {
  const { expansion } = prepared;
  const works = expansion.cells.flatMap((cell) => prepared.plan(cell, firstReplicates(expansion)).works);
  const scratch = mkdtempSync(join(tmpdir(), 'ergoflow-verify-'));
  const engine = ENGINES[given.engine](workerModule, given.jobs);
  try {
    return await recompute({ works, identity: identityOf(prepared), records, engine, scratch, choose: (all) => randomPart(all, share) });
  } finally {
    await engine.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Chance may choose here: what is compared decides no result. At least one, as a sample of none says nothing. */
function randomPart<T>(all: readonly T[], share: number): T[] {
  const rest = [...all];
  const count = Math.min(rest.length, Math.max(1, Math.round(share * rest.length)));
  return Array.from({ length: count }, () => rest.splice(Math.floor(Math.random() * rest.length), 1)[0] as T);
}

function sampleOf({ sample }: Given): number | null {
  if (sample === null) return null;
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(sample)?.[1];
  const share = Number(percent) / 100;
  if (share > 0 && share <= 1) return share;
  throw new InputError(`--sample must be a part of the tasks, such as 1% or 100%, got ${quoted(sample)}`, COMMAND_LINE);
}
