/** `ergoflow logs`: what failed and why, or all that is known of one task. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError, quoted } from '@ergoflow/input';
import { FAILURES, type FailedTask, groupFailures, readTaskLog, type TaskRecord } from '@ergoflow/runner';
import type { Given } from '../options.ts';
import { COMMAND_LINE } from '../place.ts';
import { findResults } from '../resultsOf.ts';
import type { RunCommand } from './command.ts';

/** Shows failures by signature, or a task. */
export const logs: RunCommand = (given) => {
  const folder = findResults(given);
  return given.argument('task') === '' ? showFailures(folder, given) : showTask(folder, given);
};

function showFailures(folder: string, { json }: Given): number {
  const groups = groupFailures(readTaskLog<FailedTask>(folder, FAILURES).records);
  const text = groups
    .map((group) => `${group.length} ${group.length === 1 ? 'task' : 'tasks'}, the first of them:\n${describe(group[0])}`)
    .join('\n\n');
  process.stdout.write(json ? `${JSON.stringify(groups, null, 2)}\n` : `${text === '' ? 'no task has failed' : text}\n`);
  return 0;
}

function showTask(folder: string, given: Given): number {
  const prefix = given.argument('task');
  const ofTask = ({ id }: { readonly id: string }): boolean => id.startsWith(prefix);
  const failed = readTaskLog<FailedTask>(folder, FAILURES).records.filter(ofTask);
  const done = readTaskLog<TaskRecord>(folder).records.filter(ofTask);
  const ids = new Set([...failed, ...done].map(({ id }) => id));
  if (ids.size !== 1) {
    const found = ids.size === 0 ? 'is none' : `is the beginning of ${ids.size} tasks: give more of it`;
    throw new InputError(`task must be the beginning of a task’s identity, and ${quoted(prefix)} ${found}`, COMMAND_LINE);
  }
  const lines = linesOf(join(folder, 'log.ndjson'), [...ids][0]);
  if (given.json) {
    process.stdout.write(`${JSON.stringify({ failed, done, log: lines.map((line) => JSON.parse(line) as unknown) }, null, 2)}\n`);
    return 0;
  }
  const finished = done.map(
    ({ id, from, to, milliseconds, failures, files }) =>
      `task ${id}: done, replicates ${from} to ${to - 1} in ${(milliseconds / 1000).toPrecision(3)} s, ${failures.length} lost${files.map(({ file }) => `\n  ${join(folder, file)}`).join('')}`,
  );
  process.stdout.write(`${[...finished, ...failed.map(describe), ...lines].join('\n')}\n`);
  return 0;
}

function describe({ id, kind, from, to, cause, attempts, name, message, stack, end }: FailedTask): string {
  return [
    `task ${id}: ${cause}, ${kind} of replicates ${from} to ${to - 1}, begun ${attempts === 1 ? 'once' : 'twice'}`,
    ...(stack === '' ? [`${name}: ${message}`] : [stack]),
    ...(end === null || end.lastWords === '' ? [] : ['its last words:', end.lastWords.trimEnd()]),
  ].join('\n');
}

/** The whole lines of the run's log that speak of a task; the last one may be torn. */
function linesOf(path: string, id: string): string[] {
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];
  return lines.filter((line) => (line.includes(`"task":"${id}"`) || line.includes(`"id":"${id}"`)) && line.endsWith('}'));
}
