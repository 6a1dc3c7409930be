/** What is kept of a task that failed, and which failures are the same. */
import type { WorkerEnd } from './engines/engine.ts';
import type { Range } from './ranges.ts';
import type { TaskLog } from './store/taskLog.ts';

/**
 * Why a task failed. `thrown`: it threw, and would throw again. `system`: the machine failed it, such as a full disk. `died`: its worker died, also in a
 * process of its own. `timeout`: it took too long. `differs`: computed again, it gave another result than before, so it is no function of its request.
 */
export type FailureCause = 'thrown' | 'system' | 'died' | 'timeout' | 'differs';

/** A task that failed, as the log of failures keeps it. */
export interface FailedTask extends Range {
  readonly id: string;
  readonly work: string;
  readonly kind: string;
  readonly cause: FailureCause;
  readonly name: string;
  readonly message: string;
  readonly stack: string;
  /** How its last worker ended; null where none did. */
  readonly end: WorkerEnd | null;
  /** How often it was begun, 1 or 2. */
  readonly attempts: number;
}

/** The durable record of failed tasks. One that the machine failed is not in it: it is tried again by the next run. */
export type FailureLog = TaskLog<FailedTask>;

/** File of a {@link FailureLog} in a result folder; without it, nothing has failed. */
export const FAILURES = 'failures.log';

/** What tells failures of one reason from those of another: cause, error and place, numbers apart, as they are the task's own. */
export function failureSignature({ cause, name, message, stack, end }: FailedTask): string {
  const place = /^\s+at .*$/m.exec(stack)?.[0].trim() ?? '';
  return [cause, `${name}: ${message.replace(/[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?/gi, '#')}`, place, end?.signal ?? '', end?.exitCode ?? ''].join(' | ');
}

/** Groups failures by signature, the most frequent first; within a group by identity. */
export function groupFailures(failures: readonly FailedTask[]): FailedTask[][] {
  const groups = new Map<string, FailedTask[]>();
  for (const failure of [...failures].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    const signature = failureSignature(failure);
    const group = groups.get(signature);
    if (group === undefined) groups.set(signature, [failure]);
    else group.push(failure);
  }
  return [...groups.values()].sort((a, b) => b.length - a.length);
}
