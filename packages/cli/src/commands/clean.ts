/** `ergoflow clean`: removes what crashes and damage left in a result folder, and tables that no finished task has. */
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '@ergoflow/input';
import { readTaskLog, type TaskRecord } from '@ergoflow/runner';
import { lockFolder } from '../lock.ts';
import { findResults } from '../resultsOf.ts';
import type { RunCommand } from './command.ts';

/** Lists what it would remove, and with --yes removes it. */
export const clean: RunCommand = (given) => {
  const folder = findResults(given);
  // A run that is at it has files that are not finished, and this refuses.
  const unlock = lockFolder(folder);
  try {
    const found = leftovers(folder).map((file) => ({ file, bytes: statSync(join(folder, file)).size }));
    const bytes = found.reduce((sum, one) => sum + one.bytes, 0);
    if (given.yes) for (const { file } of found) rmSync(join(folder, file));
    if (given.json) {
      process.stdout.write(`${JSON.stringify({ folder, files: found, bytes, removed: given.yes }, null, 2)}\n`);
    } else {
      const total = `${found.length} files, ${bytes} bytes`;
      const lines =
        found.length === 0
          ? ['nothing to remove']
          : [...found.map(({ file }) => join(folder, file)), given.yes ? `removed ${total}` : `${total}; -y removes them`];
      process.stdout.write(`${lines.join('\n')}\n`);
    }
    return 0;
  } finally {
    unlock();
  }
};

function leftovers(folder: string): string[] {
  const { records, damage } = readTaskLog<TaskRecord>(folder);
  if (damage.length > 0) {
    throw new InputError(
      `the log of tasks is damaged, so it is not known which tables are needed: run the experiment again first\n${damage[0]}`,
      null,
    );
  }
  const needed = new Set(records.flatMap(({ files }) => files.map(({ file }) => file)));
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(?:tmp|stale|damaged)$/.test(file) || (/^trajectories[/\\].*\.arrow$/.test(file) && !needed.has(file)))
    .sort();
}
