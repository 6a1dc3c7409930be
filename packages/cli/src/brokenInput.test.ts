import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { emptyFolder, invoke, listing } from './fixtures/invoke.ts';

const HEAD = 'study: averaging-error\nmodel: linear\n';
const FAST = 'fast:\n  y: { drift: -y, noise: 1 }\n';

/** [what is wrong, the text, line:column, what the message must hold]. */
const EXPERIMENTS: readonly (readonly [string, string, string, string])[] = [
  ['a misspelt axis', `${HEAD}axes:\n  epsilom: [0.1]\n`, '4:3', 'did you mean epsilon?'],
  ['a misspelt study', 'study: averaging-eror\nmodel: linear\naxes:\n  epsilon: 0.1\n', '1:8', 'did you mean averaging-error?'],
  ['a misspelt model', 'study: averaging-error\nmodel: liner\naxes:\n  epsilon: 0.1\n', '2:8', 'did you mean linear?'],
  ['a tab that indents', `${HEAD}axes:\n\tepsilon: 0.1\n`, '4:1', 'tab'],
  ['an empty axis', `${HEAD}axes:\n  epsilon: []\n`, '4:12', 'empty list'],
  ['a negative step', `${HEAD}axes:\n  epsilon: 0.1\n  step: [0.01, -0.01]\n`, '5:16', 'above 0'],
  ['a billion tasks', `${HEAD}axes:\n  epsilon: linspace(0.1, 1, 1000000000)\n`, '4:12', 'at most 1000000'],
  ['a billion replicates over some cells', `${HEAD}axes:\n  epsilon: [0.1, 0.2]\n  replicate: 1000000000\n`, '3:1', 'at most 1000000000'],
  ['not a number', `${HEAD}axes:\n  epsilon: [0.1, .nan]\n`, '4:18', 'epsilon'],
  ['infinity', `${HEAD}axes:\n  epsilon: .inf\n`, '4:12', 'epsilon'],
  ['a prototype name as axis', `${HEAD}axes:\n  epsilon: 0.1\n  constructor: 1\n`, '5:3', 'constructor'],
  ['a prototype name as setting', `${HEAD}axes:\n  epsilon: 0.1\nset:\n  __proto__: 1\n`, '6:3', '__proto__'],
  ['a prototype name as model', 'study: averaging-error\nmodel: constructor\naxes:\n  epsilon: 0.1\n', '2:8', 'unknown model "constructor"'],
  ['a parameter that the model has not', `${HEAD}axes:\n  epsilon: 0.1\n  model.parameters.q: 1\n`, '5:23', 'no parameter "q"'],
  ['a guard that drops all', `${HEAD}axes:\n  epsilon: [0.1, 0.2]\nwhere: epsilon > 1\n`, '5:8', 'drop'],
  ['a test function of a fast variable', `${HEAD}axes:\n  epsilon: 0.1\nset:\n  testFunctions: [x, y^2]\n`, '6:22', 'y'],
  ['a list where a number must stand', `${HEAD}axes:\n  epsilon: 0.1\nset:\n  horizon: [1, 2]\n`, '6:12', 'horizon'],
  ['a bomb of aliases', bomb(), '', ''],
  ['axes derived in a circle', `${HEAD}axes:\n  epsilon: step*20\n  step: epsilon/20\n`, '4:12', 'circle'],
  [
    'a metric that nobody measures',
    `${HEAD}axes:\n  epsilon: 0.1\n  replicate: { target: 5%, metrics: [strong-eror] }\n`,
    '5:38',
    'did you mean strong-error?',
  ],
  ['a key given twice', `${HEAD}axes:\n  epsilon: 0.1\nseed: 1\nseed: 2\n`, '6:1', 'seed'],
];

/** The same for model files. */
const MODELS: readonly (readonly [string, string, string, string])[] = [
  ['a misspelt key', `slow:\n  x: { drif: -x }\n`, '2:8', 'did you mean drift?'],
  ['a misspelt variable', `slow:\n  x: { drift: -x + y5 }\nfast:\n  y4: { drift: -y4, noise: 1 }\n`, '2:20', 'did you mean y4?'],
  ['an unknown function', `slow:\n  x: { drift: -x + sine(x) }\n${FAST}`, '2:20', 'did you mean sin'],
  ['parameters in a circle', `slow:\n  x: { drift: -a*x }\nparameters:\n  a: b\n  b: a\n`, '4:3', 'circle'],
  ['a matrix of a wrong size', `slow:\n  x: { size: 2, drift: 1, noise: [[1, 0]] }\n`, '2:34', '2 are needed'],
  ['a size below one', `slow:\n  x: { size: 0, drift: 1 }\n`, '2:14', 'size'],
  ['not a number among the constants', `slow:\n  x: { drift: -a*x }\nparameters:\n  a: .nan\n`, '4:6', 'a'],
  ['an unclosed bracket', `slow:\n  x: { drift: "-(x" }\n`, '2:19', ')'],
  ['a prototype name in an equation', `slow:\n  x: { drift: constructor }\n`, '2:15', 'constructor'],
  ['a prototype name as variable', `slow:\n  __proto__: { drift: 1 }\n`, '2:3', '__proto__'],
  ['a reserved name', `slow:\n  pi: { drift: 1 }\n`, '2:3', 'pi'],
  ['an index outside', `slow:\n  x: { size: 3, drift: "-x[4]" }\n`, '2:28', 'from 1 to 3'],
  ['an unclosed quote', 'slow:\n  x: { drift: "-x }\n', '', ''],
  ['binary', '\u0000\u0001\u0002', '', ''],
  ['a file of 10 MB', `slow:\n  x: { drift: -x }\n${'# filler\n'.repeat(1_200_000)}`, '', 'MB'],
  ['an unknown equation where it is simulated', `slow:\n  x: { drift: -x + y }\nfast:\n  y: { drift: unknown, noise: unknown }\n`, '', 'unknown'],
];

function bomb(): string {
  const lines = Array.from({ length: 12 }, (_, k) => `a${k + 1}: &a${k + 1} [${Array.from({ length: 10 }, () => `*a${k}`).join(', ')}]`);
  return `a0: &a0 [1, 1]\n${lines.join('\n')}\n`;
}

function check(
  what: string,
  { exit, out, err }: Awaited<ReturnType<typeof invoke>>,
  file: string,
  place: string,
  message: string,
  seconds: number,
): void {
  expect(exit, what).toBe(2);
  expect(out).toBe('');
  expect(err.endsWith('\n')).toBe(true);
  expect(err.trimEnd().split('\n').length, err).toBe(1);
  expect(err.startsWith(file), err).toBe(true);
  if (place !== '') expect(err.slice(file.length + 1).startsWith(`${place}: `), err).toBe(true);
  expect(err).toContain(message);
  expect(err).not.toMatch(/\n\s+at /);
  expect(seconds).toBeLessThan(1);
}

async function timed(...list: string[]): Promise<readonly [Awaited<ReturnType<typeof invoke>>, number]> {
  const started = performance.now();
  const invoked = await invoke(...list);
  return [invoked, (performance.now() - started) / 1000];
}

// Commands are loaded when they are first asked for.
beforeAll(async () => {
  await Promise.all([import('./commands/run.ts'), import('./commands/simulate.ts')]);
});

describe('a broken experiment is refused in one sentence, at its place, and nothing is written:', () => {
  test.each(EXPERIMENTS)('%s', async (what, text, place, message) => {
    const folder = emptyFolder();
    const file = join(folder, 'broken.yaml');
    writeFileSync(file, text);
    const [invoked, seconds] = await timed('run', file, '--out', join(folder, 'results'));
    check(what, invoked, file, place, message, seconds);
    expect(listing(folder)).toEqual(['broken.yaml']);
  });
});

describe('a broken model is refused in one sentence, at its place, and nothing is written:', () => {
  test.each(MODELS)('%s', async (what, text, place, message) => {
    const folder = emptyFolder();
    const file = join(folder, 'broken.yaml');
    writeFileSync(file, text);
    const [invoked, seconds] = await timed('simulate', file, '--out', join(folder, 'results'));
    check(what, invoked, what.startsWith('an unknown equation') ? '' : file, place, message, seconds);
    expect(listing(folder)).toEqual(['broken.yaml']);
  });
});

test('a cell that cannot be planned is refused before anything is written', async () => {
  const folder = emptyFolder();
  const file = join(folder, 'broken.yaml');
  writeFileSync(file, `${HEAD}axes:\n  epsilon: 0.1\n  reference.from: [truth, ergodic, oracle]\n`);
  const [invoked, seconds] = await timed('run', file, '--out', join(folder, 'results'));
  check('an unknown word on an axis', invoked, file, '5:36', 'oracle', seconds);
  expect(listing(folder)).toEqual(['broken.yaml']);
});
