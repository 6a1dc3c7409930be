/** What every test run shares: sources instead of builds, TypeScript in worker threads on Node 20, and fixed random cases. */
import type { ViteUserConfig } from 'vitest/config';

/** Workspace packages resolve to their sources. */
const conditions = ['@ergoflow/source'];

/** Threads and child processes inherit these, so that workers run from source too. */
const execArgv = ['--conditions=@ergoflow/source', '--import', new URL('./tools/node20/register.mjs', import.meta.url).href];

/** Compiled kernels are kept with the installed packages, not in the user's folder. */
const env = { ERGOFLOW_CACHE: new URL('./node_modules/.cache/ergoflow', import.meta.url).pathname };

export const shared: ViteUserConfig = {
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  // Vitest leaves one core to itself, which is half of two.
  test: {
    execArgv,
    pool: 'forks',
    maxWorkers: '100%',
    testTimeout: 30_000,
    setupFiles: [new URL('./vitest.setup.ts', import.meta.url).pathname],
    env,
  },
};
