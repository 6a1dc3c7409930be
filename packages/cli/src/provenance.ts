/** Where results come from: versions, machine, code. Kept apart from the results, which have the same bytes everywhere. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, hostname, release, totalmem } from 'node:os';
import { version } from './version.ts';

/** What is recorded of a run. */
export type Provenance = Readonly<Record<string, string | number | boolean | null>>;

/**
 * Gathers what a reader needs to repeat a run.
 *
 * @param root The folder whose git commit counts: the workspace of the code.
 */
export function provenance(root: string, facts: Provenance): Provenance {
  const git = (...args: string[]): string | null => {
    try {
      return execFileSync('git', ['-C', root, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: 5000 }).trim();
    } catch {
      return null;
    }
  };
  const status = git('status', '--porcelain');
  return {
    ergoflow: version,
    node: process.version,
    v8: process.versions.v8,
    platform: `${process.platform} ${release()} ${process.arch}`,
    host: hostname(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    commit: git('rev-parse', 'HEAD'),
    dirty: status === null ? null : status !== '',
    lockfile: lockfileDigest(root, git),
    ...facts,
  };
}

function lockfileDigest(root: string, git: (...args: string[]) => string | null): string | null {
  try {
    readFileSync(`${root}/package-lock.json`);
    return git('hash-object', `${root}/package-lock.json`);
  } catch {
    return null;
  }
}
