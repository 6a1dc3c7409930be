/** The worker's entry: every study's tasks. */
import { workerTask } from '@ergoflow/runner';
import { targetFallbacks } from '@ergoflow/sde';
import { STUDIES } from './table.ts';

export default workerTask((study, kind) => {
  const { tasks = {}, longTasks = {} } = STUDIES.get(study) ?? {};
  const task = Object.hasOwn(tasks, kind) ? tasks[kind] : Object.hasOwn(longTasks, kind) ? longTasks[kind] : undefined;
  if (task === undefined) throw new Error(`study ${study} has no task ${kind}`);
  return task;
}, targetFallbacks);
