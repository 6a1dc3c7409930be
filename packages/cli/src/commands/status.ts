/** `ergoflow status`: how far a run is, from what lies in its folder; a run that goes on is not disturbed. */
import { join } from 'node:path';
import { readYamlFile } from '@ergoflow/input';
import { FAILURES, type FailedTask, groupFailures, readTaskLog, type TaskRecord } from '@ergoflow/runner';
import { holderOf } from '../lock.ts';
import { prepare } from '../prepare.ts';
import { findResults } from '../resultsOf.ts';
import { RESOLVED } from '../runExperiment.ts';
import type { RunCommand } from './command.ts';
import { planOf } from './plan.ts';

/** Says how far a run is. */
export const status: RunCommand = (given) => {
  const folder = findResults(given);
  const plan = planOf(prepare(readYamlFile(join(folder, RESOLVED)), []), folder);
  const { records, damage } = readTaskLog<TaskRecord>(folder);
  const failed = readTaskLog<FailedTask>(folder, FAILURES).records;
  const groups = groupFailures(failed);
  const holder = holderOf(folder);
  const lost = records.reduce((total, { failures }) => total + failures.length, 0);
  const state = holder !== null ? 'running' : plan.tasks.missing === 0 ? 'done' : 'stopped';
  const content = {
    experiment: plan.experiment,
    folder,
    state,
    holder,
    tasks: { total: plan.tasks.total, done: plan.tasks.reused, remaining: plan.tasks.missing, failed: failed.length },
    failures: groups.map((group) => ({ tasks: group.length, first: group[0].id, message: group[0].message })),
    lostReplicates: lost,
    damage,
  };
  if (given.json) process.stdout.write(`${JSON.stringify(content, null, 2)}\n`);
  else {
    const lines = [
      `${plan.experiment}: ${state}${holder === null ? '' : ` by process ${holder.pid} on ${holder.host}`}`,
      `${plan.tasks.reused} of ${plan.tasks.total} tasks done, ${plan.tasks.missing} remain`,
      ...(lost > 0 ? [`${lost} replicates were lost to numerical failures`] : []),
      ...groups.map(
        ([{ id, message }, ...others]) => `failed: ${message} (task ${id.slice(0, 8)}${others.length === 0 ? '' : ` and ${others.length} like it`})`,
      ),
      ...damage,
    ];
    process.stdout.write(`${lines.join('\n')}\n`);
  }
  return 0;
};
