/** The tests of `npm test`: one project per package (so that one can be run alone), and one for what crosses packages. */
import { readdirSync, readFileSync } from 'node:fs';
import { defineConfig, mergeConfig, type ViteUserConfig } from 'vitest/config';
import { shared } from './vitest.shared.ts';

const exclude = ['**/node_modules/**', '**/dist/**', '**/*.slow.test.ts'];

/** Every package's project is named like the package. */
const folders = [...readdirSync(new URL('./packages', import.meta.url)).map((folder) => `packages/${folder}`), 'tools/testing'];
const packages = folders.map((folder) => ({
  extends: true as const,
  test: {
    name: JSON.parse(readFileSync(new URL(`./${folder}/package.json`, import.meta.url), 'utf8')).name as string,
    include: [`${folder}/**/*.test.ts`],
    exclude,
  },
}));

const config: ViteUserConfig = mergeConfig(
  shared,
  defineConfig({
    test: {
      projects: [...packages, { extends: true, test: { name: 'workspace', include: ['tools/*.test.ts', 'experiments/**/*.test.ts'], exclude } }],
    },
  }),
);
export default config;
