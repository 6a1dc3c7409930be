/** Where results come from: versions, machine, code. Kept apart from the results, which have the same bytes everywhere. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism, cpus, hostname, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { version } from './version.ts';

/** What is recorded of a run. */
export type Provenance = Readonly<Record<string, string | number | boolean | null>>;

/**
 * Gathers what a reader needs to repeat a run.
 *
 * @param root The folder whose git commit counts: the workspace of the code.
 */
export async function provenance(root: string, facts: Provenance): Promise<Provenance> {
  const git = async (...args: string[]): Promise<string | null> => {
    try {
      return (await promisify(execFile)('git', ['-C', root, ...args], { encoding: 'utf8', timeout: 5000 })).stdout.trim();
    } catch {
      return null;
    }
  };
  const lockfile = join(root, 'package-lock.json');
  const [status, commit, digest] = await Promise.all([
    git('status', '--porcelain'),
    git('rev-parse', 'HEAD'),
    existsSync(lockfile) ? git('hash-object', lockfile) : null,
  ]);
  return {
    ergoflow: version,
    node: process.version,
    v8: process.versions.v8,
    platform: `${process.platform} ${release()} ${process.arch}`,
    host: hostname(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    commit,
    dirty: status === null ? null : status !== '',
    lockfile: digest,
    ...facts,
  };
}
