/**
 * Bundles the built command and library: Node then reads a few files instead of some 700, and the command and each worker begin in a fraction of the time.
 *
 * Chunks lie beside the entries, since code finds its neighbours (`./worker.js`) from its own address. Packages that load files of their own stay outside.
 */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const packages = fileURLToPath(new URL('../packages/', import.meta.url));
const folder = join(packages, 'cli/dist');

/** What is started or imported by its file's name. */
const ENTRIES = {
  main: 'cli/dist/main.js',
  index: 'cli/dist/index.js',
  worker: 'studies/dist/worker.js',
  threadWorker: 'runner/dist/engines/threadWorker.js',
  processWorker: 'runner/dist/engines/processWorker.js',
};

const OUTSIDE = ['piscina', 'pino'];

for (const name of readdirSync(folder)) if (name.startsWith('chunk-')) rmSync(join(folder, name));
const bundle = await rolldown({
  input: Object.fromEntries(Object.entries(ENTRIES).map(([name, path]) => [name, join(packages, path)])),
  platform: 'node',
  external: OUTSIDE,
});
await bundle.write({ dir: folder, format: 'esm', chunkFileNames: 'chunk-[name]-[hash].js' });
await bundle.close();
