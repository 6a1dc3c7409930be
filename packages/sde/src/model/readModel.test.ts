import { documentOf, InputError, readYaml, valueAt, withValue } from '@ergoflow/input';
import { evaluate, formatExpression } from '@ergoflow/kernels';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Model, Variable } from './model.ts';
import { parameterValues } from './parameters.ts';
import { readModel } from './readModel.ts';
import { modelSchema } from './schema.ts';

const model = (text: string): Model => readModel(readYaml(text, 'm.yaml'));

function complaint(text: string): string {
  try {
    model(text);
  } catch (error) {
    if (error instanceof InputError) return error.format();
    throw error;
  }
  return 'no complaint';
}

/** Terms as text: `W/1: a | b`. */
function noiseOf({ noise }: Variable): string[] | 'unknown' {
  if (noise === 'unknown') return noise;
  return noise.map((term) => `${term.process}/${term.processSize}: ${term.coefficients.map(formatExpression).join(' | ')}`);
}

describe('what is read', () => {
  test('the example of the product page, with everything it leaves out', () => {
    const read = model(`
name: double-well
slow:
  x: { drift: (a*x - c*x^3) / (1 + y1^2 + y2^2), noise: sigma, start: 0.5 }
fast:
  y1: { drift: -y1, noise: sqrt(2) }
  y2: { drift: y2 - y2^3 + 0.2*y1, noise: 1 }
parameters:
  a: 2
  c: { value: 1, learn: true, prior: lognormal(0, 1) }
  sigma: 0.5
`);
    expect(read.slow.map(({ name, size, vector, start }) => [name, size, vector, start.kind])).toEqual([['x', 1, false, 'expressions']]);
    expect(read.fast.map(({ name, start }) => [name, start.kind])).toEqual([
      ['y1', 'stationary'],
      ['y2', 'stationary'],
    ]);
    expect(read.processes).toEqual([
      { name: 'x', size: 1, group: 'slow' },
      { name: 'y1', size: 1, group: 'fast' },
      { name: 'y2', size: 1, group: 'fast' },
    ]);
    expect(read.parameters[1]).toMatchObject({ name: 'c', learn: true, prior: { kind: 'lognormal', arguments: [0, 1] } });
    expect([...parameterValues(read)]).toEqual([
      ['a', 2],
      ['c', 1],
      ['sigma', 0.5],
    ]);
    expect(read.burnIn).toBe(20);
    expect(read.truth).toBeUndefined();
  });

  test('every way to write noise comes to terms of processes', () => {
    const read = model(`
slow:
  a: { drift: 0, noise: { W: 1, a: 2 } }
  b: { drift: 0, noise: { W: a } }
  c: { drift: 0, noise: 0 }
  d: { drift: 0 }
  f: { drift: 0, noise: [1, 0, b] }
  h: { drift: 0, noise: [1, 2], processes: [A, B] }
fast:
  u: { size: 2, drift: 0, noise: 1 + i }
  v: { size: 2, drift: 0, noise: [1, 2] }
  w: { size: 2, drift: 0, noise: [[1, 0, 3], [4, 0, 6]] }
  z: { size: 2, drift: 0, noise: [[1], [2]], processes: [B] }
  q: { size: 2, drift: 0, noise: { W: u, q: 1 } }
`);
    expect(read.slow.map(noiseOf)).toEqual([['W/1: 1', 'a/1: 2'], ['W/1: a'], [], [], ['slow.W1/1: 1', 'slow.W3/1: b'], ['A/1: 1', 'B/1: 2']]);
    expect(read.fast.map(noiseOf)).toEqual([
      ['u/2: 1 + i'],
      ['v/2: 1 | 2'],
      ['w.W1/1: 1 | 4', 'w.W3/1: 3 | 6'],
      ['B/1: 1 | 2'],
      ['W/1: u', 'q/2: 1'],
    ]);
    expect(read.processes.filter(({ group }) => group === 'shared').map(({ name }) => name)).toEqual(['W', 'B']);
    expect(read.processes.find(({ name }) => name === 'u')).toEqual({ name: 'u', size: 2, group: 'fast' });
  });

  test('a matrix for a group has a row for each component of its variables in order', () => {
    const read = model('slow:\n  x: { drift: 0 }\n  y: { size: 2, drift: 0 }\n  noise: [[1, 2], [3, 0], [0, 0]]\n  processes: [A, B]\n');
    expect(read.slow.map(noiseOf)).toEqual([['A/1: 1', 'B/1: 2'], ['A/1: 3 | 0']]);
    expect(model('slow:\n  x: { drift: 0 }\n  noise: [[1, 2]]').processes.map(({ name }) => name)).toEqual(['slow.W1', 'slow.W2']);
  });

  test('starts are numbers, expressions of parameters and i, lists, or stationary', () => {
    const read = model(
      'slow:\n  x: { size: 2, drift: 0, start: a*i }\n  z: { size: 2, drift: 0, start: [1, a] }\nfast:\n  y: { drift: 0, start: stationary }\nparameters: { a: 3 }',
    );
    const values = read.slow.map(({ start }) => (start.kind === 'expressions' ? start.values.map(formatExpression) : start.kind));
    expect(values).toEqual([['a*i'], ['1', 'a']]);
    expect(read.fast[0].start).toEqual({ kind: 'stationary' });
  });

  test('fast equations may be unknown, slow ones not', () => {
    const read = model('slow:\n  x: { drift: y }\nfast:\n  y: { drift: unknown, noise: unknown }');
    expect([read.fast[0].drift, read.fast[0].noise]).toEqual(['unknown', 'unknown']);
  });

  test('an inline model of an experiment reads as a file does, its errors at their place in the experiment', () => {
    const document = readYaml('study: s\nmodel:\n  slow:\n    x: { drift: -a*x }\n  parameters: { a: 2 }\n', 'e.yaml');
    expect(readModel(document, ['model']).name).toBe('model');
    const broken = readYaml('study: s\nmodel:\n  slow:\n    x: { drift: -b*x }\n', 'e.yaml');
    expect(() => readModel(broken, ['model'])).toThrow(expect.objectContaining({ place: { file: 'e.yaml', line: 4, column: 18 } }));
  });

  test('a plain object reads as a file does', () => {
    const read = readModel(documentOf({ name: 'ou', slow: { x: { drift: '-x', noise: 1 } }, parameters: {} }));
    expect([read.name, noiseOf(read.slow[0])]).toEqual(['ou', ['x/1: 1']]);
  });

  test('a parameter replaced in the document is replaced in the model, and what depends on it follows', () => {
    const document = readYaml('slow:\n  x: { drift: -b*x }\nparameters:\n  b: a/2\n  a: { value: 2, learn: true }\n', 'm.yaml');
    const place = { file: 'command line', line: 0, column: 0 };
    expect([...parameterValues(readModel(withValue(document, ['parameters', 'a'], 3, place)))]).toEqual([
      ['b', 1.5],
      ['a', 3],
    ]);
    expect(valueAt(document.value, ['parameters', 'a', 'value'])).toBe(2);
    const read = readModel(document);
    expect(parameterValues(read, new Map([['a', 4]])).get('b')).toBe(2);
    expect(parameterValues(read, new Map([['b', 7]])).get('b')).toBe(7);
    expect(() => parameterValues(read, new Map([['aa', 4]]))).toThrow('parameter must be one of b, a, got "aa"; did you mean a?');
  });

  test('truth takes entries of the averaged matrix by component', () => {
    const read = model(`
slow:
  x: { size: 2, drift: 0 }
  z: { drift: 0 }
truth:
  drift: { x: -x, z: sum(x) }
  diffusion: { "x": 1, "x[1] x[2]": 0.5, "x[1] z": 0.1, z: 2 }
`);
    expect([...(read.truth?.diffusion?.keys() ?? [])]).toEqual(['x', 'x[1] x[2]', 'x[1] z', 'z']);
    expect(read.truth?.drift.get('x')?.map(formatExpression)).toEqual(['-x']);
  });

  test('the schema is a JSON Schema with descriptions', () => {
    const schema = z.toJSONSchema(modelSchema, { io: 'input' }) as { properties: Record<string, { description?: string }> };
    expect(Object.keys(schema.properties)).toEqual(['name', 'about', 'slow', 'fast', 'parameters', 'burnIn', 'tables', 'truth']);
    for (const property of Object.values(schema.properties)) expect(property.description).toMatch(/\.$/);
  });
});

describe('what is refused, and where', () => {
  const slow = 'slow:\n  x: { drift: -x }\n';
  test.each([
    [
      'slow:\n  x: { drift: a*x + y5 }\nfast:\n  y4: { drift: -y4 }\nparameters: { a: 1 }',
      'm.yaml:2:21: in slow.x.drift: unknown name "y5": ',
      'did you mean y4?',
    ],
    ['slow:\n  x:\n    drift: >\n      a*x\n      + b*x\nparameters: { a: 1 }', 'm.yaml:5:9: in slow.x.drift: unknown name "b"', ''],
    ['slow:\n  x: { drift: "-x +" }', 'm.yaml:2:20: in slow.x.drift: ', ''],
    ['slow:\n  x: { drift: foo(x) }', 'm.yaml:2:15: in slow.x.drift: unknown function "foo"', ''],
    ['slow:\n  x: { drift: x > 1 }', 'm.yaml:2:15: slow.x.drift is a comparison: a number is needed', ''],
    ['slow:\n  x: { drift: i }', 'm.yaml:2:15: in slow.x.drift: the index i', ''],
    ['slow:\n  x: { drift: y }\nfast:\n  y: { size: 3, drift: -y }', 'm.yaml:2:15: in slow.x.drift: y is a vector of 3', ''],
    [
      'slow:\n  x: { drift: "y[4]" }\nfast:\n  y: { size: 3, drift: -y }',
      'm.yaml:2:18: in slow.x.drift: the index of y must be from 1 to 3, got 4',
      '',
    ],
    ['slow:\n  x: { size: 2, drift: y }\nfast:\n  y: { size: 3, drift: -y }', 'm.yaml:2:24: in slow.x.drift: y has 3 components where 2', ''],
    ['slow:\n  x: { drift: "x[1]" }', 'm.yaml:2:16: in slow.x.drift: x is a scalar', ''],
    ['slow: {}', 'm.yaml:1:1: slow has no variables: at least one is needed', ''],
    ['name: m\nfast:\n  y: { drift: 1 }', 'm.yaml:1:1: the document has no "slow"', ''],
    ['slow:\n  x: { noise: 1 }', 'm.yaml:2:3: slow.x has no "drift", which is needed', ''],
    ['slow:\n  x: { drfit: 1 }', 'm.yaml:2:8: unknown key "drfit" in slow.x: allowed are size, drift', 'did you mean drift?'],
    ['slow:\n  x: { drift: 1, size: 0 }', 'm.yaml:2:24: slow.x.size must be at least 1, got 0', ''],
    ['slow:\n  x: { drift: 1, size: 1000000000 }', 'm.yaml:2:24: slow.x.size must be at most 10000', ''],
    ['slow:\n  x: { drift: .nan }', 'm.yaml:2:15: slow.x.drift must be text or a finite number, got NaN', ''],
    ['slow:\n  x1x-: { drift: 1 }', 'm.yaml:2:3: "x1x-" is not a name for a variable', ''],
    ['slow:\n  sin: { drift: 1 }', 'm.yaml:2:3: "sin" cannot be the name of a variable', ''],
    ['slow:\n  t: { drift: 1 }', 'm.yaml:2:3: "t" cannot be the name of a variable', ''],
    ['slow:\n  constructor: { drift: 1 }', 'm.yaml:2:3: key "constructor" in slow is not allowed', ''],
    [`${slow}fast:\n  x: { drift: 1 }`, 'm.yaml:4:3: variable "x" has the name of another variable', ''],
    [`${slow}parameters: { x: 1 }`, 'm.yaml:3:15: parameter "x" has the name of another variable', ''],
    [`${slow}parameters: { a: b, b: c + 1, c: a }`, 'm.yaml:3:15: parameters depend on each other in a circle: a -> b -> c -> a', ''],
    [`${slow}parameters: { a: 1, b: b }`, 'm.yaml:3:21: parameters depend on each other in a circle: b -> b', ''],
    [`${slow}parameters: { a: x }`, 'm.yaml:3:18: in parameters.a: unknown name "x"', ''],
    [`${slow}parameters: { a: 1/0 }`, 'm.yaml:3:18: parameters.a is Infinity: a finite number is needed', ''],
    [
      `${slow}parameters: { a: { value: 1, prior: normall(0, 1) } }`,
      'm.yaml:3:37: unknown prior "normall": allowed are normal(mean, sd)',
      'did you mean normal?',
    ],
    [`${slow}parameters: { a: { value: 1, prior: "normal(0)" } }`, 'm.yaml:3:37: normal takes 2 numbers, normal(mean, sd), got 1', ''],
    [`${slow}parameters: { a: { value: 1, prior: "normal(0, -1)" } }`, 'm.yaml:3:37: in normal(mean, sd) sd must be above 0, got -1', ''],
    [`${slow}parameters: { a: { value: 1, prior: "normal(0, s)" } }`, 'm.yaml:3:48: "s" in a prior is not a finite number', ''],
    [
      `${slow}parameters: { a: { value: -1, prior: "lognormal(0, 1)" } }`,
      'm.yaml:3:27: parameters.a.value is -1, where its prior lognormal has no mass',
      '',
    ],
    [
      `${slow}parameters: { a: { value: 2, prior: "uniform(0, 1)" } }`,
      'm.yaml:3:27: parameters.a.value is 2, where its prior uniform has no mass',
      '',
    ],
    [`${slow}parameters: { a: { value: 1, prior: 3 } }`, 'm.yaml:3:37: parameters.a.prior must be text, got 3', ''],
    ['slow:\n  x: { drift: 1, start: stationary }', 'm.yaml:2:25: slow.x.start is stationary: a slow variable needs', ''],
    ['slow:\n  x: { drift: 1, start: x }', 'm.yaml:2:25: in slow.x.start: x has no value here: a start may depend on parameters and i only', ''],
    ['slow:\n  x: { size: 3, drift: 1, start: [1, 2] }', 'm.yaml:2:34: slow.x.start has 2 entries: 3 are needed', ''],
    ['slow:\n  x: { drift: 1, start: log(a) }\nparameters: { a: -1 }', 'm.yaml:2:25: slow.x.start is NaN: a finite number is needed', ''],
    ['slow:\n  x: { size: 3, drift: 1, start: 1/(3 - i) }', 'm.yaml:2:34: slow.x.start is Infinity at i = 3: a finite number is needed', ''],
    ['slow:\n  x: { drift: unknown }', 'm.yaml:2:15: slow.x is unknown: only fast variables may be', ''],
    ['slow:\n  x: { size: 2, drift: 1, noise: [1, 2, 3] }', 'm.yaml:2:34: slow.x.noise has 3 entries: 2 are needed', ''],
    ['slow:\n  x: { size: 2, drift: 1, noise: [[1, 2]] }', 'm.yaml:2:34: slow.x.noise has 1 entry: 2 are needed', ''],
    ['slow:\n  x: { size: 2, drift: 1, noise: [[1, 2], [1]] }', 'm.yaml:2:43: slow.x.noise[2] has length 1: length 2 is needed', ''],
    ['slow:\n  x: { size: 2, drift: 1, noise: [[1, 2], 3] }', 'm.yaml:2:43: slow.x.noise[2] must be a list', ''],
    ['slow:\n  x: { drift: 1, noise: [1, 2], processes: [A] }', 'm.yaml:2:44: slow.x.processes has 1 entry: 2 are needed', ''],
    ['slow:\n  x: { drift: 1, noise: [1, 2], processes: [A, A] }', 'm.yaml:2:48: process A is given twice', ''],
    ['slow:\n  x: { drift: 1, noise: 1, processes: [A] }', 'm.yaml:2:28: slow.x names processes', ''],
    ['slow:\n  x: { drift: 1, noise: { a: 1 } }\nparameters: { a: 1 }', 'm.yaml:2:27: process "a" has the name of a parameter', ''],
    [
      'slow:\n  x: { drift: 1, noise: { y: 1 } }\nfast:\n  y: { size: 2, drift: 1 }',
      'm.yaml:2:27: process y belongs to the components of the vector y',
      '',
    ],
    ['slow:\n  x: { drift: 1, noise: 1 }\n  noise: [[1]]', 'm.yaml:2:18: slow.x has noise of its own', ''],
    ['slow:\n  x: { drift: 1 }\n  noise: [[1], [2]]', 'm.yaml:3:10: slow.noise has 2 entries: 1 is needed', ''],
    ['slow:\n  x: { drift: 1, noise: w }', 'm.yaml:2:25: in slow.x.noise: unknown name "w"', ''],
    [`${slow}burnIn: 0`, 'm.yaml:3:9: burnIn must be more than 0, got 0', ''],
    [`${slow}truth:\n  drift: {}`, 'm.yaml:4:3: truth.drift has no "x"', ''],
    [
      `${slow}fast:\n  y: { drift: -y }\ntruth:\n  drift: { x: -y }`,
      'm.yaml:6:16: in truth.drift.x: y has no value here: averages no longer depend on fast variables',
      '',
    ],
    [`${slow}truth:\n  drift: { x: -x, z: 1 }`, 'm.yaml:4:19: "z" in truth.drift is not a slow variable', ''],
    [`${slow}truth:\n  drift: { x: -x }\n  diffusion: { x z: 1 }`, 'm.yaml:5:16: "z" in truth.diffusion is not a slow component', ''],
    [`${slow}truth:\n  drift: { x: -x }\n  diffusion: { x: 1, x x: 1 }`, 'm.yaml:5:22: entry "x x" of truth.diffusion is given twice', ''],
    ['slow:\n  x: -x', 'm.yaml:2:6: slow.x must be a mapping, got "-x"', ''],
    ['just text', 'm.yaml:1:1: the document must be a mapping', ''],
  ])('%j', (text, beginning, end) => {
    const said = complaint(text);
    expect(said.slice(0, beginning.length)).toBe(beginning);
    expect(said).toContain(end);
    expect(said).not.toContain('\n');
  });

  test('sums too large to be built are refused before they are', () => {
    const began = performance.now();
    expect(complaint('slow:\n  x: { size: 10000, drift: "1 + sum(k, 1, 10000, x[i+k])" }')).toBe(
      'm.yaml:2:33: in slow.x.drift: a sum of 100000000 elements in all: at most 1000000 are allowed',
    );
    expect(complaint('slow:\n  x: { size: 10000, drift: "sum(x - x[i])" }')).toContain('a sum of 100000000 elements');
    expect(complaint('slow:\n  x: { drift: "sum(a, 1, 1000, sum(b, 1, 1000, sum(c, 1, 1000, a*b*c)))" }')).toContain('a sum of 1000000000 elements');
    expect(complaint('slow:\n  x: { drift: "sum(k, 1, 1e15, k)" }')).toContain('a sum of 1000000000000000 elements');
    expect(performance.now() - began).toBeLessThan(1000);
  });

  test('more than 1000 parameters or variables are refused', () => {
    const many = (of: string): string => Array.from({ length: 1001 }, (_, k) => `  p${k}: ${of}`).join('\n');
    expect(complaint(`${slow}parameters:\n${many('1')}`)).toBe('m.yaml:3:1: parameters has 1001 parameters: at most 1000 are allowed');
    expect(complaint(`slow:\n${many('{ drift: 1 }')}`)).toBe(
      'm.yaml:1:1: slow has 1001 variables: at most 1000 are allowed; give one a size instead',
    );
  });

  test('an expression of ten thousand brackets, 3000 factors, and 500 parameters in a chain, are refused or read in a moment', () => {
    expect(complaint(`slow:\n  x: { drift: "${'('.repeat(9000)}" }`)).toMatch(/^m\.yaml:2:\d+: in slow\.x\.drift: /);
    expect(complaint(`slow:\n  x: { drift: "${'x+'.repeat(6000)}x" }`)).toMatch(/^m\.yaml:2:\d+: in slow\.x\.drift: /);
    expect(complaint(`slow:\n  x: { drift: "${'-x*'.repeat(3000)}x" }`)).toMatch(
      /^m\.yaml:2:\d+: in slow\.x\.drift: at most 1000 operators stand in a row/,
    );
    expect(complaint(`slow:\n  x: { drift: "${'x+'.repeat(900)}x" }`)).toBe('no complaint');
    const chain = Array.from({ length: 500 }, (_, k) => `  p${k}: ${k === 499 ? '1' : `p${k + 1} + 1`}`).join('\n');
    expect(parameterValues(model(`${slow}parameters:\n${chain}`)).get('p0')).toBe(500);
  });

  test('random models throw nothing but InputError', () => {
    const plain = fc.constantFrom('-x', '2*x', '1', 't', 'exp(-x^2)', 'if(x > 0, 1, 2)');
    const odd = fc.oneof(
      fc.constantFrom('a*x', 'y[i+1]', 'sum(y)', 'unknown', 'stationary', 'x >', 'epsilon', 'x^^', ''),
      fc.string({ maxLength: 12 }),
    );
    const text = fc.oneof({ weight: 8, arbitrary: plain }, { weight: 1, arbitrary: odd });
    const list = fc.array(fc.oneof(text, fc.integer(), fc.array(text, { maxLength: 3 })), { maxLength: 3 });
    const other = fc.oneof(fc.double(), fc.constant(null), list, fc.dictionary(fc.constantFrom('W', 'x', 'y', 'a', 'é'), text));
    const part = fc.oneof({ weight: 6, arbitrary: text }, { weight: 1, arbitrary: other });
    const record = <T>(of: fc.Arbitrary<T>, ...names: string[]): fc.Arbitrary<Record<string, T>> =>
      fc.dictionary(
        fc.oneof({ weight: 10, arbitrary: fc.constantFrom(...names) }, { weight: 1, arbitrary: fc.constantFrom('noise', 'i', '1', 'x') }),
        of,
        { minKeys: 1, maxKeys: 2 },
      );
    const wild = fc.record(
      { drift: part, noise: part, start: fc.constantFrom(1, '2', 'a', [1, 2]), size: fc.integer({ min: 0, max: 3 }), processes: list },
      { requiredKeys: ['drift'] },
    );
    const tame = fc.record({ drift: plain, noise: plain });
    const variable = fc.oneof({ weight: 2, arbitrary: tame }, { weight: 1, arbitrary: wild });
    const whole = fc.record(
      {
        slow: record(variable, 'x'),
        fast: record(variable, 'y', 'z'),
        parameters: record(fc.constantFrom(1, '1', 'b', 'a'), 'a', 'b'),
        truth: fc.record({ drift: record(part, 'x') }),
      },
      { requiredKeys: ['slow'] },
    );
    let read = 0;
    fc.assert(
      fc.property(whole, (value) => {
        try {
          readModel(documentOf(value));
          read += 1;
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      }),
      { seed: 4, numRuns: 1500 },
    );
    expect(read).toBeGreaterThan(50);
  });

  test('evaluation agrees with hand arithmetic for parameters in any order', () => {
    const read = model(`${slow}parameters: { c: a^2 + b, b: -a, a: 3 }`);
    expect(parameterValues(read).get('c')).toBe(6);
    expect(
      evaluate(
        read.parameters[0].value,
        new Map([
          ['a', 2],
          ['b', 1],
        ]),
      ),
    ).toBe(5);
  });
});
