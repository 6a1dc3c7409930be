import { defineConfig, mergeConfig } from 'vitest/config';
import { shared } from './vitest.shared.ts';

/** The slow evidence: minutes, not seconds. */
export default mergeConfig(
  shared,
  defineConfig({ test: { include: ['**/*.slow.test.ts'], exclude: ['**/node_modules/**', '**/dist/**'], testTimeout: 900_000 } }),
);
