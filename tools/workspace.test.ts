import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ARROWS, importsOf, impurities, type Manifest, type SourceFile, violations, type Workspace } from './boundaries.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

function readWorkspace(): Workspace {
  const folders = readdirSync(`${root}packages`).filter((folder) => existsSync(`${root}packages/${folder}/package.json`));
  return { manifests: folders.map(readManifest), sources: folders.flatMap(readSources) };
}

function readManifest(folder: string): Manifest {
  const json = JSON.parse(readFileSync(`${root}packages/${folder}/package.json`, 'utf8'));
  const dependencies = { ...json.peerDependencies, ...json.optionalDependencies, ...json.dependencies };
  return {
    folder,
    name: json.name,
    version: json.version,
    tags: json.nx?.tags ?? [],
    sideEffects: json.sideEffects,
    dependencies,
    devDependencies: json.devDependencies ?? {},
  };
}

function readSources(folder: string): SourceFile[] {
  return ['src', 'test', 'bench']
    .filter((part) => existsSync(`${root}packages/${folder}/${part}`))
    .flatMap((part) => readdirSync(`${root}packages/${folder}/${part}`, { recursive: true, encoding: 'utf8' }).map((path) => `${part}/${path}`))
    .filter((path) => path.endsWith('.ts'))
    .map((path) => ({ folder, path, text: readFileSync(`${root}packages/${folder}/${path}`, 'utf8') }));
}

describe('this workspace', () => {
  const workspace = readWorkspace();

  it('was found: every package of the table, with sources', () => {
    expect(workspace.manifests.map(({ folder }) => folder).sort()).toEqual(Object.keys(ARROWS).sort());
    for (const folder of Object.keys(ARROWS)) expect(workspace.sources.some((source) => source.folder === folder)).toBe(true);
  });

  it('keeps the arrows between packages', () => {
    expect(violations(workspace)).toEqual([]);
  });

  it('locks every package of the registry by digest and names no host', () => {
    const lock = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8')) as { packages: Record<string, Record<string, unknown>> };
    const outside = Object.entries(lock.packages).filter(([path, { link }]) => path.includes('node_modules/') && link !== true);
    expect(outside.length).toBeGreaterThan(100);
    expect(
      outside.filter(([, { resolved, integrity, inBundle }]) => resolved !== undefined || (integrity === undefined && inBundle !== true)),
    ).toEqual([]);
  });

  it('runs no script of a dependency that compiles or downloads', () => {
    const lock = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8')) as { packages: Record<string, Record<string, unknown>> };
    const scripted = Object.entries(lock.packages).filter(([, { hasInstallScript, optional }]) => hasInstallScript === true && optional !== true);
    // nx's script only warms a cache of its own and is allowed to fail.
    expect(scripted.map(([path]) => path)).toEqual(['node_modules/nx']);
  });
});

const manifest = (folder: string, dependencies: Record<string, string> = {}): Manifest => ({
  folder,
  name: `@ergoflow/${folder}`,
  version: '0.1.0',
  tags: [`layer:${folder}`],
  sideEffects: false,
  dependencies,
  devDependencies: {},
});
const own = '0.1.0';
const sound: readonly Manifest[] = [
  manifest('input'),
  manifest('kernels'),
  manifest('sde', { '@ergoflow/kernels': own }),
  manifest('runner', { '@ergoflow/kernels': own, piscina: '5.3.2' }),
];
const replaced = (changed: Manifest): Manifest[] => sound.map((each) => (each.folder === changed.folder ? changed : each));
const file = (folder: string, text: string, path = 'src/x.ts'): SourceFile => ({ folder, path, text });

describe('the checker', () => {
  it('passes a sound workspace', () => {
    const sources = [
      file('sde', `import { a } from '@ergoflow/kernels';\nimport { b } from './model/b.ts';\nimport { readFileSync } from 'node:fs';`),
      file('sde', `import { c } from '../x.ts';\nimport { d } from '@ergoflow/testing';\nimport fc from 'fast-check';`, 'src/model/b.test.ts'),
      file('runner', `import { Piscina } from 'piscina';\nconst at = Date.now();`),
    ];
    expect(violations({ manifests: sound, sources })).toEqual([]);
  });

  it.each([
    ['an arrow against the table', manifest('kernels', { '@ergoflow/sde': own }), 'kernels must not depend on sde'],
    ['a circle', manifest('kernels', { '@ergoflow/sde': own }), 'packages depend in a circle: kernels -> sde -> kernels'],
    ['a third party away from home', manifest('sde', { piscina: '5.3.2' }), 'piscina may be used only in runner'],
    ['another version of a neighbour', manifest('sde', { '@ergoflow/kernels': '^1.0.0' }), 'must be at 0.1.0'],
    ['test helpers as a dependency', manifest('sde', { '@ergoflow/testing': own }), 'for tests only'],
    ['a missing tag', { ...manifest('sde'), tags: [] }, 'nx.tags must hold layer:sde'],
    ['side effects', { ...manifest('sde'), sideEffects: undefined }, 'sideEffects must be false'],
  ])('refuses a manifest with %s', (_, changed, expected) => {
    expect(violations({ manifests: replaced(changed), sources: [] }).join('\n')).toContain(expected);
  });

  it('refuses a package without a row', () => {
    expect(violations({ manifests: [...sound, manifest('extras')], sources: [] })).toEqual([
      'packages/extras/package.json: no row for extras among the allowed arrows',
    ]);
  });

  it.each([
    ['against the table', file('kernels', `import { a } from '@ergoflow/sde';`), 'kernels must not import sde'],
    ['against the table, types only', file('kernels', `import type { A } from '@ergoflow/sde';`), 'kernels must not import sde'],
    ['against the table, re-exported', file('kernels', `export * from '@ergoflow/runner';`), 'kernels must not import runner'],
    ['against the table, dynamic', file('kernels', `const a = await import('@ergoflow/runner');`), 'kernels must not import runner'],
    ['against the table in a test', file('kernels', `import { a } from '@ergoflow/sde';`, 'src/x.test.ts'), 'kernels must not import sde'],
    ['undeclared', file('sde', `import { a } from '@ergoflow/input';`), '@ergoflow/input is not among the dependencies'],
    ['undeclared from outside', file('sde', `import { z } from 'zod';`), 'zod is not among the dependencies'],
    ['into a package', file('sde', `import { a } from '@ergoflow/kernels/src/graph.ts';`), 'reaches into a package'],
    ['out of the package', file('sde', `import { a } from '../../kernels/src/graph.ts';`), 'leaves the package'],
    ['of itself', file('sde', `import { a } from '@ergoflow/sde';`), 'imports its own package by name'],
    ['of test helpers', file('sde', `import { a } from '@ergoflow/testing';`), '@ergoflow/testing is for tests only'],
    ['of a confined third party', file('sde', `import { Table } from 'apache-arrow';`, 'src/x.test.ts'), 'apache-arrow may be used only in runner'],
  ])('refuses an import %s', (_, source, expected) => {
    expect(violations({ manifests: sound, sources: [source] }).join('\n')).toContain(expected);
  });

  it.each([
    ['const a = Math.random();', 'Math.random'],
    ['const a = Math.exp(1);', 'Math.exp'],
    ['const a = 2 ** 0.5;', 'the operator **'],
    ['const a = 3 ** 40;', 'the operator **'],
    ['const a = Date.now();', 'Date'],
    ['const a = new Date();', 'Date'],
    ['const a = performance.now();', 'performance'],
    ['const { now } = performance;', 'performance'],
    ['console.log(1);', 'console'],
    ['globalThis.console.log(1);', 'console'],
    ['const a = process.hrtime.bigint();', 'process.hrtime'],
    ['setTimeout(() => 1, 2);', 'setTimeout'],
    [`import { performance as p } from 'node:perf_hooks';`, 'node:perf_hooks'],
  ])('refuses %j in numerical code', (text, expected) => {
    expect(impurities(text)).toContain(expected);
    expect(violations({ manifests: sound, sources: [file('sde', text)] }).join('\n')).toContain(`${expected} in numerical code`);
    expect(violations({ manifests: sound, sources: [file('sde', text, 'src/x.test.ts')] })).toEqual([]);
  });

  it('lets comments, strings and exact functions pass', () => {
    expect(
      impurities(
        `// Math.random, Date\n/* console */ const a = 'performance' + Math.sqrt(2) + Math.floor(Math.PI) + 2 ** -40;\nconst b = { performance: 1 };`,
      ),
    ).toEqual([]);
  });

  it('finds every form of import', () => {
    const text = `import a from 'a';\nimport type { B } from 'b';\nexport * from 'c';\nexport type { D } from 'd';\nconst e = import('e');\nimport 'f';`;
    expect(importsOf(text).sort()).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });
});
