import { InputError, readYaml } from '@ergoflow/input';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countPoints, expandAxes } from './expandAxes.ts';
import { randomParts, written } from './fixtures/randomExperiment.ts';
import { BASE, experimentOf, STUDIES } from './fixtures/study.ts';
import { readExperiment } from './readExperiment.ts';

const HEAD = 'study: averaging-error\nmodel: double-well\n';

/** An experiment, what stands where (line:column, counted by hand) and a part of the message. */
const BROKEN: readonly (readonly [string, string, string, string])[] = [
  ['a list', '- 1', '1:1', 'an experiment is a mapping'],
  ['no study', 'model: m\n', '1:1', 'study is missing: allowed are averaging-error, free'],
  ['a mistyped study', 'study: averaging-eror\nmodel: m\n', '1:8', 'did you mean averaging-error?'],
  ['a study that is a number', 'study: 3\nmodel: m\n', '1:8', 'unknown study 3'],
  ['no model', 'study: averaging-error\naxes: {epsilon: 1}\n', '1:1', 'model is missing'],
  ['a model that is a list', 'study: averaging-error\nmodel: []\naxes: {epsilon: 1}\n', '2:8', 'model is an empty list'],
  ['a mistyped key', `${HEAD}axis:\n  epsilon: 1\n`, '3:1', 'did you mean axes?'],
  ['an axis outside axes', `${HEAD}step: 0.1\n`, '3:1', 'step is an axis: write it under axes'],
  ['replicate outside axes', `${HEAD}replicate: 4\n`, '3:1', 'replicate is an axis'],
  ['a mistyped axis', `${HEAD}axes:\n  epsilom: 1\n`, '4:3', 'unknown axis "epsilom" of averaging-error'],
  ['a needed axis missing', `${HEAD}axes:\n  step: 1\n`, '3:1', 'axis epsilon is missing'],
  ['axes that are a list', `${HEAD}axes: [1]\n`, '3:7', 'a mapping is needed'],
  ['an empty list', `${HEAD}axes:\n  epsilon: []\n`, '4:12', 'an empty list'],
  ['an empty axis', `${HEAD}axes:\n  epsilon:\n`, '4:3', 'axis epsilon is empty'],
  ['a negative value', `${HEAD}axes:\n  epsilon: [0.1, -1]\n`, '4:18', 'axis epsilon is -1: a number above 0 is needed'],
  ['NaN', `${HEAD}axes:\n  epsilon: [0.1, .nan]\n`, '4:18', 'axis epsilon is NaN'],
  ['a value twice', `${HEAD}axes:\n  epsilon: [0.1, 1e-1]\n`, '4:18', 'has 0.1 twice'],
  ['text for a number', `${HEAD}axes:\n  epsilon: [0.1, small]\n`, '4:18', 'unknown name "small"'],
  ['an unknown scheme', `${HEAD}axes:\n  epsilon: 1\n  scheme: [heun, milstien]\n`, '5:18', 'did you mean milstein?'],
  ['a mapping for an axis', `${HEAD}axes:\n  epsilon: {from: 1}\n`, '4:12', 'axis epsilon is a mapping'],
  ['a mistyped form', `${HEAD}axes:\n  epsilon: geomspce(1, 2, 3)\n`, '4:12', 'did you mean geomspace?'],
  ['too few arguments', `${HEAD}axes:\n  epsilon: geomspace(1, 2)\n`, '4:12', 'geomspace has 2 arguments'],
  ['a mistake inside arguments', `${HEAD}axes:\n  epsilon: geomspace(1e-3, 1e-1, seven)\n`, '4:34', 'unknown name "seven"'],
  ['something after a form', `${HEAD}axes:\n  epsilon: range(1, 3)*2\n`, '4:23', 'a form stands alone'],
  ['zero in a grid', `${HEAD}axes:\n  epsilon: linspace(0, 1, 3)\n`, '4:12', 'axis epsilon is 0: a number above 0'],
  ['an unknown name in a derived axis', `${HEAD}axes:\n  epsilon: 1\n  step: epsilom/20\n`, '5:9', 'did you mean epsilon?'],
  ['an unknown function in a derived axis', `${HEAD}axes:\n  epsilon: 1\n  step: sqr(epsilon)\n`, '5:9', 'sqr'],
  ['a formula that does not parse', `${HEAD}axes:\n  epsilon: 1\n  step: epsilon/\n`, '5:17', 'in step'],
  ['an axis derived from text', `${HEAD}axes:\n  epsilon: 1\n  step: 2*scheme\n`, '5:11', 'is text'],
  ['an axis derived from itself', `${HEAD}axes:\n  epsilon: 1\n  step: step/2\n`, '5:9', 'derived from itself'],
  ['a circle', `${HEAD}axes:\n  epsilon: 20*step\n  step: epsilon/20\n`, '4:12', 'epsilon → step → epsilon'],
  [
    'a derived value that is not finite',
    `${HEAD}axes:\n  epsilon: 1\n  step: 1/(epsilon - 1)\n`,
    '5:9',
    'Infinity: a number above 0 is needed (at epsilon = 1',
  ],
  ['a comparison as a value', `${HEAD}axes:\n  epsilon: 1\n  step: epsilon > 2\n`, '5:9', 'comparison'],
  ['a number as a guard', `${HEAD}axes:\n  epsilon: 1\nwhere: epsilon/2\n`, '5:8', 'comparison'],
  ['an unknown name in a guard', `${HEAD}axes:\n  epsilon: 1\nwhere: [epsilon > 0, dt < 1]\n`, '5:22', 'unknown name "dt" in where[2]'],
  ['a guard that is true', `${HEAD}axes:\n  epsilon: 1\nwhere: true\n`, '5:8', 'a condition is needed'],
  [
    'guards that leave nothing',
    `${HEAD}axes:\n  epsilon: [1, 2]\nwhere: [epsilon > 1, epsilon < 2]\n`,
    '5:9',
    'leaves none of 2 points: epsilon > 1 drops 1, epsilon < 2 drops 1',
  ],
  ['a zip of unequal lengths', `${HEAD}axes:\n  zip:\n    epsilon: [1, 2]\n    step: [1, 2, 3]\n`, '6:11', 'has 3 values, but epsilon has 2'],
  ['a point of a zip twice', `${HEAD}axes:\n  zip: {epsilon: [1, 1, 2], step: [3, 3, 4]}\n`, '4:22', 'zip has the point epsilon = 1, step = 3 twice'],
  ['a derived axis in a zip', `${HEAD}axes:\n  zip: {epsilon: [1], step: epsilon/2}\n`, '4:29', 'lists and grids can be zipped'],
  ['an axis twice', `${HEAD}axes:\n  epsilon: 1\n  zip: {epsilon: [1, 2], step: [1, 2]}\n`, '5:9', 'given twice'],
  ['a distribution without a design', `${HEAD}axes:\n  epsilon: uniform(1, 2)\n`, '4:12', 'add sample: sobol(64)'],
  ['a design without distributions', `${HEAD}axes:\n  epsilon: 1\n  sample: sobol(8)\n`, '5:11', 'nothing to sample'],
  ['a design as an axis', `${HEAD}axes:\n  epsilon: sobol(8)\n`, '4:12', 'write sample: sobol(8)'],
  ['a mistyped design', `${HEAD}axes:\n  epsilon: uniform(1, 2)\n  sample: sobel(8)\n`, '5:11', 'did you mean sobol?'],
  ['a distribution upside down', `${HEAD}axes:\n  epsilon: uniform(2, 1, 3)\n`, '4:12', 'low must be below high'],
  ['a loguniform from 0', `${HEAD}axes:\n  epsilon: loguniform(0, 1, 3)\n`, '4:12', 'low must be above 0'],
  [
    'a billion points in one axis',
    `${HEAD}axes:\n  epsilon: geomspace(1e-3, 1, 1e9)\n`,
    '4:12',
    '1000000000 points (epsilon 1000000000): at most 1000000',
  ],
  [
    'too many points in all',
    `${HEAD}axes:\n  epsilon: linspace(1, 2, 2000)\n  step: linspace(1, 2, 1000)\n`,
    '4:12',
    '2000000 points (epsilon 2000 × step 1000)',
  ],
  ['a billion billion sampled points', `${HEAD}axes:\n  epsilon: uniform(1, 2)\n  sample: random(1e18)\n`, '4:12', '1000000000000000000 points'],
  ['too many replicates in all', `${HEAD}axes:\n  epsilon: linspace(1, 2, 1001)\n  replicate: 1e6\n`, '3:1', '1001000000 replicates'],
  ['no replicates', `${HEAD}axes:\n  epsilon: 1\n  replicate: 0\n`, '5:14', 'a whole number from 1'],
  ['a target without a percent sign', `${HEAD}axes:\n  epsilon: 1\n  replicate: {target: 5}\n`, '5:23', 'such as 5%'],
  ['a mistyped key of replicate', `${HEAD}axes:\n  epsilon: 1\n  replicate: {traget: 5%}\n`, '5:15', 'did you mean target?'],
  ['min above max', `${HEAD}axes:\n  epsilon: 1\n  replicate: {target: 5%, min: 100, max: 50}\n`, '5:42', 'min must not be above max'],
  ['a mistyped setting', `${HEAD}axes: {epsilon: 1}\nset: {horizn: 2}\n`, '4:7', 'did you mean horizon?'],
  ['a setting of the wrong kind', `${HEAD}axes: {epsilon: 1}\nset: {horizon: long}\n`, '4:16', 'horizon'],
  ['a negative setting', `${HEAD}axes: {epsilon: 1}\nset:\n  horizon: -1\n`, '5:12', 'horizon must be more than 0'],
  ['a mistyped key inside a setting', `${HEAD}axes: {epsilon: 1}\nreference: {node: 9}\n`, '4:13', 'did you mean nodes?'],
  ['a setting given twice', `${HEAD}axes: {epsilon: 1}\nhorizon: 1\nset: {horizon: 2}\n`, '5:7', 'given twice'],
  ['a setting that is an axis too', `${HEAD}axes: {epsilon: 1, horizon: [1, 2]}\nset: {horizon: 2}\n`, '4:7', 'an axis and a setting'],
  ['an axis of a list', `${HEAD}axes: {epsilon: 1, testFunctions: [x]}\n`, '3:20', 'cannot be an axis'],
  ['an axis against its setting', `${HEAD}axes: {epsilon: 1, horizon: [1, -2]}\n`, '3:33', 'axis horizon is -2'],
  ['a negative seed', `${HEAD}axes: {epsilon: 1}\nseed: -1\n`, '4:7', 'seed is -1'],
  ['a name with a slash', `${HEAD}axes: {epsilon: 1}\nname: ../x\n`, '4:7', 'letters, digits'],
  ['an unknown thing to keep', `${HEAD}axes: {epsilon: 1}\nkeep: [trajectory]\n`, '4:8', 'did you mean trajectories?'],
  ['a prototype name', `${HEAD}axes:\n  constructor: 1\n`, '4:3', 'constructor'],
  ['another prototype name', `${HEAD}axes: {epsilon: 1}\nset: {__proto__: {horizon: 2}}\n`, '4:7', '__proto__'],
  ['a prototype name as a study', 'study: constructor\nmodel: m\n', '1:8', 'unknown study "constructor"'],
  ['a prototype name in a formula', `${HEAD}axes:\n  epsilon: 1\n  step: toString/2\n`, '5:9', 'unknown name "toString"'],
  ['a prototype name as a function', `${HEAD}axes:\n  epsilon: 1\n  step: constructor(epsilon)\n`, '5:9', 'constructor'],
  ['a prototype name as a parameter', `${HEAD}axes: {epsilon: 1, model.parameters.__proto__: 1}\n`, '3:20', 'is not the name of a parameter'],
  ['a tab', `${HEAD}axes:\n\tepsilon: 1\n`, '4:1', 'a tab indents the line'],
  ['a key twice', `${HEAD}axes:\n  epsilon: 1\n  epsilon: 2\n`, '5:3', 'is given twice in axes, first in line 4'],
  ['a bomb of aliases', `${HEAD}axes:\n  epsilon: &a [1]\nset: {x: [${Array(101).fill('*a').join(', ')}]}\n`, '5:10', 'aliases'],
  ['depth', `${HEAD}set: ${'['.repeat(70)}${']'.repeat(70)}\n`, '3:70', 'nested too deeply'],
  ['a sum over many', `${HEAD}axes:\n  epsilon: sum(k, 1, 1e12, k)\n`, '4:12', '"sum" in epsilon is of vectors'],
  ['an index', `${HEAD}axes:\n  epsilon: 1\n  step: 2*epsilon[1]\n`, '5:11', '"epsilon" in step is of vectors'],
  ['a range without end', `${HEAD}axes:\n  epsilon: range(1, 1e308, 1e-300)\n`, '4:12', 'about 9.99e607 points (epsilon about 9.99e607)'],
  ['a power tower', `${HEAD}axes:\n  epsilon: 9^9^9^9\n`, '4:12', 'axis epsilon is Infinity'],
  ['a point twice by rounding', `${HEAD}axes:\n  epsilon: linspace(1, 1.0000000000000002, 3)\n`, '3:1', 'occurs twice'],
];

/** Overrides of the base experiment, with the column in the argument. */
const BROKEN_OVERRIDES: readonly (readonly [string, number, string])[] = [
  ['epsilom=1', 1, 'did you mean epsilon?'],
  ['set.horizn=1', 1, 'did you mean horizon?'],
  ['reference.node=9', 1, 'did you mean reference.nodes?'],
  ['epsilon=1,-2', 11, 'axis epsilon is -2'],
  ['epsilon=[1,1]', 12, 'has 1 twice'],
  ['epsilon=geomspace(1,2,1e9)', 9, 'at most 1000000'],
  ['step=epsilon*foo', 14, 'unknown name "foo"'],
  ['+seed=1', 2, 'already there'],
  ['~horizon', 2, 'not there'],
  ['~seed=8', 7, 'is not 8 but 7'],
  ['seed=1,2', 6, 'cannot be swept'],
  ['horizon=-1', 9, 'horizon'],
  ['study=nope', 7, 'unknown study "nope"'],
  ['~study', 2, 'cannot be removed'],
  ['model.slow.x.drift=-x', 1, 'the model is named'],
  ['replicate=1.5', 11, 'a whole number'],
  ['epsilon=extend_list(1)', 9, 'no list'],
  ['where="step <= eps"', 16, 'unknown name "eps"'],
];

function failure(act: () => unknown): { error: InputError; seconds: number } {
  const start = process.hrtime.bigint();
  try {
    act();
  } catch (error) {
    if (error instanceof InputError) return { error, seconds: Number(process.hrtime.bigint() - start) / 1e9 };
    throw error;
  }
  throw new Error('was accepted');
}

describe('a broken experiment:', () => {
  test.each(BROKEN)('%s', (_, yaml, place, message) => {
    const { error, seconds } = failure(() => expandAxes(experimentOf(yaml).axes));
    expect(error.format()).toContain(message);
    expect(error.format().split(': ')[0]).toBe(`x.yaml:${place}`);
    expect(seconds).toBeLessThan(1);
  });

  test.each(BROKEN_OVERRIDES)('override %s', (override, column, message) => {
    const { error } = failure(() => expandAxes(experimentOf(BASE, override).axes));
    expect(error.format()).toContain(message);
    expect(error.format().split(': ')[0]).toBe(`command line:1:${column}`);
  });
});

describe('whatever is written, the only error is an InputError:', () => {
  const word = fc.constantFrom(
    'epsilon',
    'step',
    'a',
    'geomspace(',
    'range(',
    ')',
    ',',
    ' ',
    '1',
    '-1',
    '1e400',
    '0',
    '*',
    '/',
    '[',
    ']',
    '(',
    '<',
    '5%',
    'if(',
    'sobol(',
    'uniform(',
    'e',
    'i',
    'sum(',
    '.nan',
    'x[1]',
    "'",
    '^',
  );
  const texts = fc.oneof(
    fc.string({ maxLength: 30 }),
    fc.array(word, { maxLength: 10 }).map((words) => words.join('')),
  );
  const keys = fc.constantFrom(
    'epsilon',
    'step',
    'scheme',
    'horizon',
    'zip',
    'sample',
    'replicate',
    'model.parameters.a',
    'reference.nodes',
    'axes',
    'set',
    'where',
    'seed',
    'keep',
    'bounds',
    'a.b',
  );
  /** All of it takes milliseconds; a second is for a busy machine. */
  const harmless = (act: () => unknown): void => {
    const start = process.hrtime.bigint();
    try {
      act();
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      expect(error.place).not.toBeNull();
      expect(error.format()).toMatch(/^[^\n\r]{1,600}$/);
    }
    expect(Number(process.hrtime.bigint() - start) / 1e9).toBeLessThan(1);
  };

  test('random values under random keys', () => {
    const values = fc.oneof(
      texts,
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(texts, { maxLength: 3 }),
      fc.dictionary(keys, texts, { maxKeys: 3 }),
    );
    const mappings = fc.dictionary(keys, values, { maxKeys: 4 });
    fc.assert(
      fc.property(mappings, mappings, values, (axes, set, where) => {
        const text = JSON.stringify({ study: 'averaging-error', model: 'm', axes: { epsilon: 1, ...axes }, set, where });
        harmless(() => expandAxes(readExperiment(readYaml(text, 'x.yaml'), [], STUDIES).axes));
      }),
      { numRuns: 1000 },
    );
  });

  test('experiments in order but for one stretch of characters', () => {
    const broken = fc.tuple(randomParts, fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(3), texts).map(([parts, at, length, text]) => {
      const yaml = written(parts);
      const from = Math.floor(at * yaml.length);
      return `${yaml.slice(0, from)}${text}${yaml.slice(from + length)}`;
    });
    fc.assert(
      fc.property(broken, (yaml) =>
        harmless(() => {
          const { axes } = experimentOf(yaml);
          // What is right may be large.
          if (countPoints(axes) <= 1000) expandAxes(axes);
        }),
      ),
      { numRuns: 1000 },
    );
  });

  test('random overrides', () => {
    const override = fc.tuple(fc.constantFrom('', '+', '++', '~'), keys, texts).map(([operation, key, text]) => `${operation}${key}=${text}`);
    fc.assert(
      fc.property(fc.array(override, { maxLength: 3 }), (overrides) => harmless(() => expandAxes(experimentOf(BASE, ...overrides).axes))),
      { numRuns: 1000 },
    );
  });
});
