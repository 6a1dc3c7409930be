/**
 * Holds the arrows between packages: who may import whom, who may use which third party, and what numerical code must not touch.
 *
 * The checks work on values (manifests and texts), so that a test can hand them a small workspace that breaks a rule.
 */
import { builtinModules } from 'node:module';
import ts from 'typescript';

/** The allowed arrows, by folder of the importing package. A package that is not here is an error: add its row with the reason in ARCHITECTURE.md. */
export const ARROWS: Readonly<Record<string, readonly string[]>> = {
  input: [],
  kernels: [],
  sde: ['kernels', 'input'],
  flows: ['kernels'],
  inference: ['flows', 'sde', 'kernels', 'input'],
  runner: ['kernels', 'input'],
  studies: ['inference', 'flows', 'sde', 'runner', 'kernels', 'input'],
  report: ['runner'],
  cli: ['studies', 'report', 'runner', 'inference', 'flows', 'sde', 'kernels', 'input'],
};

/** Third parties that only one package may name, so that each can be replaced in one place. */
export const CONFINED: Readonly<Record<string, string>> = {
  'apache-arrow': 'runner',
  'csv-parse': 'runner',
  hyparquet: 'runner',
  piscina: 'runner',
  pino: 'cli',
  yargs: 'cli',
  vega: 'report',
  'vega-lite': 'report',
  '@tensorflow/tfjs-core': 'kernels',
  '@tensorflow/tfjs-backend-cpu': 'kernels',
  '@tensorflow/tfjs-backend-wasm': 'kernels',
  '@tensorflow/tfjs-layers': 'kernels',
  '@tensorflow/tfjs-node': 'kernels',
};

/** Packages whose results must depend on nothing but their arguments. */
export const NUMERICAL: readonly string[] = ['kernels', 'sde', 'flows', 'inference'];

/** Members of `Math` that ECMAScript defines to the last bit; the others (exp, sin, pow, …) may differ between engines. */
const EXACT_MATH = new Set('E LN2 LN10 LOG2E LOG10E PI SQRT1_2 SQRT2 abs ceil clz32 floor fround imul max min round sign sqrt trunc'.split(' '));

/** Globals through which a clock, a printer or a timer gets in. */
const IMPURE = new Set('Date performance console setTimeout setInterval setImmediate queueMicrotask'.split(' '));

/** A package as its manifest declares it. */
export interface Manifest {
  /** Folder under `packages/`. */
  readonly folder: string;
  readonly name: string;
  readonly version: string;
  readonly tags: readonly string[];
  readonly sideEffects: unknown;
  /** Name -> range of everything needed at run time. */
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** One TypeScript file of a package. */
export interface SourceFile {
  readonly folder: string;
  /** Path inside the package, such as `src/index.ts`. */
  readonly path: string;
  readonly text: string;
}

/** The packages and their texts. */
export interface Workspace {
  readonly manifests: readonly Manifest[];
  readonly sources: readonly SourceFile[];
}

const TESTING = '@ergoflow/testing';
const isTest = (path: string): boolean => /\.test\.ts$|(^|\/)(test|bench|fixtures)\//.test(path);
const packageOf = (specifier: string): string => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
const isBuiltin = (specifier: string): boolean => specifier.startsWith('node:') || builtinModules.includes(specifier);

/** Lists every broken rule, one sentence each; empty when all arrows hold. */
export function violations(workspace: Workspace): string[] {
  const folders = new Map(workspace.manifests.map(({ name, folder }) => [name, folder]));
  return [
    ...workspace.manifests.flatMap((manifest) => manifestViolations(manifest, workspace.manifests, folders)),
    ...cycles(workspace.manifests, folders).map((path) => `packages depend in a circle: ${path.join(' -> ')}`),
    ...workspace.sources.flatMap((source) => sourceViolations(source, workspace.manifests, folders)),
  ];
}

function manifestViolations(manifest: Manifest, all: readonly Manifest[], folders: ReadonlyMap<string, string>): string[] {
  const { folder, dependencies, devDependencies } = manifest;
  const where = `packages/${folder}/package.json`;
  const allowed = ARROWS[folder];
  if (allowed === undefined) return [`${where}: no row for ${folder} among the allowed arrows`];
  const problems: string[] = [];
  if (!manifest.tags.includes(`layer:${folder}`)) problems.push(`${where}: nx.tags must hold layer:${folder}`);
  if (manifest.sideEffects !== false) problems.push(`${where}: sideEffects must be false`);
  if (Object.hasOwn(dependencies, TESTING)) problems.push(`${where}: ${TESTING} is for tests only (devDependencies)`);
  for (const [name, range] of Object.entries({ ...devDependencies, ...dependencies })) {
    const target = folders.get(name);
    if (target === undefined) {
      problems.push(...confinement(where, folder, name));
      continue;
    }
    if (!allowed.includes(target)) problems.push(`${where}: ${folder} must not depend on ${target}`);
    const version = all.find((other) => other.name === name)?.version;
    if (range !== version) problems.push(`${where}: ${name} must be at ${version}, the version in this workspace, got ${range}`);
  }
  return problems;
}

function sourceViolations(source: SourceFile, manifests: readonly Manifest[], folders: ReadonlyMap<string, string>): string[] {
  const { folder, path, text } = source;
  const where = `packages/${folder}/${path}`;
  const manifest = manifests.find((candidate) => candidate.folder === folder);
  if (manifest === undefined) return [`${where}: its package has no manifest`];
  const problems: string[] = [];
  for (const specifier of importsOf(text)) {
    if (specifier.startsWith('.')) {
      if (leaves(path, specifier)) problems.push(`${where}: "${specifier}" leaves the package; import other packages by name`);
    } else if (!isBuiltin(specifier)) {
      problems.push(...importViolations(where, manifest, isTest(path), specifier, folders));
    }
  }
  if (NUMERICAL.includes(folder) && !isTest(path)) problems.push(...impurities(text).map((found) => `${where}: ${found} in numerical code`));
  return problems;
}

function importViolations(where: string, manifest: Manifest, test: boolean, specifier: string, folders: ReadonlyMap<string, string>): string[] {
  const name = packageOf(specifier);
  const target = folders.get(name);
  if (name === TESTING) return test ? [] : [`${where}: ${TESTING} is for tests only`];
  if (target === undefined) {
    const undeclared = !test && !Object.hasOwn(manifest.dependencies, name);
    return [
      ...(undeclared ? [`${where}: ${name} is not among the dependencies of ${manifest.name}`] : []),
      ...confinement(where, manifest.folder, name),
    ];
  }
  if (specifier !== name) return [`${where}: "${specifier}" reaches into a package; import "${name}"`];
  if (target === manifest.folder) return [`${where}: imports its own package by name; import the file`];
  if (!(ARROWS[manifest.folder] ?? []).includes(target)) return [`${where}: ${manifest.folder} must not import ${target}`];
  if (!Object.hasOwn(manifest.dependencies, name)) return [`${where}: ${name} is not among the dependencies of ${manifest.name}`];
  return [];
}

function confinement(where: string, folder: string, name: string): string[] {
  const home = CONFINED[name];
  return home === undefined || home === folder ? [] : [`${where}: ${name} may be used only in ${home}`];
}

/** Finds the module names in a text: imports, re-exports, dynamic imports and types. */
export function importsOf(text: string): string[] {
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
}

/** Finds the clocks, printers, timers and inexact functions that a text uses; comments and strings do not count. */
export function impurities(text: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node)) {
      const object = node.expression.getText();
      const member = node.name.text;
      if (object === 'globalThis' && IMPURE.has(member)) found.push(member);
      if (object === 'Math' && !EXACT_MATH.has(member)) found.push(`Math.${member}`);
      if (object === 'process' && ['hrtime', 'uptime', 'stdout', 'stderr'].includes(member)) found.push(`process.${member}`);
      visit(node.expression);
      return;
    }
    if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.AsteriskAsteriskToken && !isPowerOfTwo(node)) {
      found.push('the operator **');
    }
    if (ts.isIdentifier(node) && IMPURE.has(node.text) && !isName(node)) found.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('x.ts', text, ts.ScriptTarget.ES2023, true));
  return [...found, ...importsOf(text).filter((name) => /^(node:)?(perf_hooks|timers|timers\/promises|worker_threads)$/.test(name))];
}

/** Whether it is 2 to a literal whole power: exact in every engine, unlike other powers. */
const isPowerOfTwo = ({ left, right }: ts.BinaryExpression): boolean => left.getText() === '2' && /^-?\d+$/.test(right.getText());

/** Whether an identifier only names a property (`{ performance: 1 }`) instead of using a global. */
function isName(node: ts.Identifier): boolean {
  const { parent } = node;
  return (ts.isPropertyAssignment(parent) || ts.isPropertySignature(parent)) && parent.name === node;
}

function leaves(path: string, specifier: string): boolean {
  const resolved = new URL(specifier, `file:///workspace/package/${path}`).pathname;
  return !resolved.startsWith('/workspace/package/');
}

function cycles(manifests: readonly Manifest[], folders: ReadonlyMap<string, string>): string[][] {
  const edges = new Map(
    manifests.map(({ folder, dependencies, devDependencies }) => [
      folder,
      Object.keys({ ...dependencies, ...devDependencies }).flatMap((name) => folders.get(name) ?? []),
    ]),
  );
  const done = new Set<string>();
  const found: string[][] = [];
  const visit = (folder: string, path: readonly string[]): void => {
    if (path.includes(folder)) found.push([...path.slice(path.indexOf(folder)), folder]);
    else if (!done.has(folder)) {
      for (const next of edges.get(folder) ?? []) visit(next, [...path, folder]);
      done.add(folder);
    }
  };
  for (const folder of edges.keys()) visit(folder, []);
  return found;
}
