/**
 * Runs the packages' benchmarks (`packages/<name>/bench/<what>.bench.ts`), each alone in a fresh process, one after the other.
 *
 * `npm run bench` runs all; `npm run bench -- exp lorenz` those whose path holds one of the words.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const words = process.argv.slice(2);

const benches = readdirSync(`${root}packages`)
  .map((folder) => `packages/${folder}/bench`)
  .filter((folder) => existsSync(root + folder))
  .flatMap((folder) => readdirSync(root + folder).map((name) => `${folder}/${name}`))
  .filter((path) => path.endsWith('.bench.ts') && (words.length === 0 || words.some((word) => path.includes(word))));

if (benches.length === 0) console.log(words.length === 0 ? 'no benchmarks yet' : `no benchmark's path holds ${words.join(' or ')}`);

for (const path of benches) {
  console.log(`\n${path}`);
  const hook = new URL('./node20/register.mjs', import.meta.url).href;
  const { status } = spawnSync(process.execPath, ['--import', hook, '--conditions=@ergoflow/source', root + path], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
