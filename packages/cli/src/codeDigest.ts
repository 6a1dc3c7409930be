/** Identity of the code that computes: results of other code are not taken for results of this. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Packages whose code decides what a task computes; the runner, the report and the command only carry it. */
const COMPUTING = ['@ergoflow/kernels', '@ergoflow/sde', '@ergoflow/flows', '@ergoflow/inference', '@ergoflow/studies'];

/**
 * Digests the sources (or built files) of the packages that compute, tests apart.
 *
 * The moments are the runner's, so its statistics count as well.
 */
export function codeDigest(): string {
  const hash = createHash('sha256');
  for (const name of COMPUTING) digestFolder(dirname(fileURLToPath(import.meta.resolve(name))), '', hash);
  digestFolder(join(dirname(fileURLToPath(import.meta.resolve('@ergoflow/runner'))), 'statistics'), '', hash);
  return hash.digest('hex');
}

function digestFolder(folder: string, prefix: string, hash: ReturnType<typeof createHash>): void {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) digestFolder(path, `${prefix}${entry.name}/`, hash);
    else if (/\.(?:js|ts)$/.test(entry.name) && !/\.test\.ts$|\.d\.ts$/.test(entry.name))
      hash.update(`${prefix}${entry.name}\0`).update(readFileSync(path)).update('\0');
  }
}
