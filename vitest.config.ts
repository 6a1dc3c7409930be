import { defineConfig, mergeConfig } from 'vitest/config';
import { shared } from './vitest.shared.ts';

const names = { input: '@ergoflow/input', kernels: '@ergoflow/kernels', sde: '@ergoflow/sde', runner: '@ergoflow/runner', studies: '@ergoflow/studies' };
const packages = { ...names, report: '@ergoflow/report', cli: 'ergoflow' };
const exclude = ['**/node_modules/**', '**/dist/**', '**/*.slow.test.ts'];

export default mergeConfig(
  shared,
  defineConfig({
    test: {
      projects: [
        ...Object.entries(packages).map(([folder, name]) => ({
          extends: true as const,
          test: { name, include: [`packages/${folder}/**/*.test.ts`], exclude },
        })),
        { extends: true, test: { name: '@ergoflow/testing', include: ['tools/testing/**/*.test.ts'], exclude } },
        { extends: true, test: { name: 'workspace', include: ['tools/*.test.ts', 'experiments/**/*.test.ts'], exclude } },
      ],
    },
  }),
);
