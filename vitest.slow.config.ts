/** The tests of `npm run test:slow`: the evidence that takes minutes instead of seconds. */
import { defineConfig, mergeConfig, type ViteUserConfig } from 'vitest/config';
import { shared } from './vitest.shared.ts';

const config: ViteUserConfig = mergeConfig(
  shared,
  defineConfig({
    test: { include: ['{packages,tools,experiments}/**/*.slow.test.ts'], exclude: ['**/node_modules/**', '**/dist/**'], testTimeout: 900_000 },
  }),
);
export default config;
