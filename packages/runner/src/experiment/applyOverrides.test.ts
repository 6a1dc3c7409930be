import { InputError, readYaml, valueAt } from '@ergoflow/input';
import { describe, expect, test } from 'vitest';
import { applyOverride } from './applyOverrides.ts';
import { expandAxes } from './expandAxes.ts';
import { BASE, experimentOf, STUDY } from './fixtures/study.ts';
import { parseOverride } from './parseOverride.ts';

const RICH = `study: averaging-error
model: { name: m, parameters: { a: 2, c: { value: 1, learn: true } }, slow: { x: { drift: -x } } }
axes:
  epsilon: [0.1, 0.2]
  zip: [{ horizon: [1, 2], level: [0.9, 0.95] }]
  replicate: { target: 5%, max: 100 }
where: [step < 1]
antithetic: true
set: { testFunctions: [x, x^2], reference: { nodes: 9 } }
seed: 7
`;

/** The value at a path after some overrides. */
function after(path: readonly (string | number)[], ...overrides: string[]): unknown {
  const document = overrides.reduce((next, text) => applyOverride(next, parseOverride(text), STUDY), readYaml(RICH, 'x.yaml'));
  return valueAt(document.value, path);
}

describe('an override finds its key by itself:', () => {
  test.each<readonly [string, readonly (string | number)[], unknown]>([
    ['epsilon=1', ['axes', 'epsilon'], 1],
    ['axes.epsilon=1,2', ['axes', 'epsilon'], [1, 2]],
    ['epsilon=geomspace(1e-3, 1, 4)', ['axes', 'epsilon'], 'geomspace(0.001, 1, 4)'],
    ['step=epsilon/40', ['axes', 'step'], 'epsilon/40'],
    ['replicate=12', ['axes', 'replicate'], 12],
    ['replicate.max=200', ['axes', 'replicate'], { target: '5%', max: 200 }],
    ['where.0=step<2', ['where'], ['step<2']],
    ['seed=8', ['seed'], 8],
    ['model=double-well', ['model'], 'double-well'],
    ['antithetic=false', ['antithetic'], false],
    ['set.antithetic=false', ['antithetic'], false],
    ['reference.nodes=11', ['set', 'reference', 'nodes'], 11],
    ['+reference.chains=64', ['set', 'reference'], { nodes: 9, chains: 64 }],
    ['reference={chains:64}', ['set', 'reference'], { nodes: 9, chains: 64 }],
    ['testFunctions=[x^3]', ['set', 'testFunctions'], ['x^3']],
    ['testFunctions.1=x^3', ['set', 'testFunctions'], ['x', 'x^3']],
    ['testFunctions=extend_list(x^3, x^4)', ['set', 'testFunctions'], ['x', 'x^2', 'x^3', 'x^4']],
    ['+bounds={x:[0,1]}', ['set', 'bounds'], { x: [0, 1] }],
    ['+name=other', ['name'], 'other'],
    ['model.parameters.a=3', ['model', 'parameters', 'a'], 3],
    ['model.parameters.c=3', ['model', 'parameters', 'c'], { value: 3, learn: true }],
    ['model.slow.x.drift=-2*x', ['model', 'slow', 'x', 'drift'], '-2*x'],
    ['~seed', ['seed'], undefined],
    ['~seed=7', ['seed'], undefined],
    ['~axes.epsilon', ['axes', 'epsilon'], undefined],
    ['~axes.zip', ['axes', 'zip'], undefined],
    ['~testFunctions.0', ['set', 'testFunctions'], ['x^2']],
  ])('%s', (override, path, value) => {
    expect(after(path, override)).toEqual(value);
  });

  test.each<readonly [string, readonly (string | number)[], unknown]>([
    ['antithetic=true,false', ['antithetic'], undefined],
    ['antithetic=true,false', ['axes', 'antithetic'], [true, false]],
    ['reference.nodes=9,17', ['set', 'reference'], {}],
    ['reference.nodes=9,17', ['axes', 'reference.nodes'], [9, 17]],
    ['model.parameters.a=1,2', ['axes', 'model.parameters.a'], [1, 2]],
  ])('a sweep of a setting makes it an axis: %s, %j', (override, path, value) => {
    expect(after(path, override)).toEqual(value);
  });

  test('a sweep of a zipped axis stays in its zip, one value takes it out, and an emptied zip goes', () => {
    expect(after(['axes', 'zip'], 'horizon=3,4')).toEqual([{ horizon: [3, 4], level: [0.9, 0.95] }]);
    expect(after(['axes'], 'horizon=3')).toMatchObject({ horizon: 3, zip: [{ level: [0.9, 0.95] }] });
    expect(after(['axes', 'zip'], 'horizon=3', 'level=0.5')).toEqual([]);
  });

  test('they are applied in order', () => {
    expect(after(['axes', 'epsilon'], 'epsilon=1', 'epsilon=2,3')).toEqual([2, 3]);
    expect(after(['seed'], '~seed', '+seed=9')).toBe(9);
    expect(() => after([], '+seed=9')).toThrow('seed is already there');
  });
});

test('a parameter of a named model becomes an axis of one value', () => {
  const { axes } = experimentOf(BASE, 'epsilon=1', 'model.parameters.a=3');
  expect(expandAxes(axes).cells).toEqual([{ axes: { epsilon: 1, 'model.parameters.a': 3, scheme: 'euler-maruyama', step: 0.05 } }]);
});

test('mistakes in what an override set are placed in its argument, what the file has in the file', () => {
  const place = (...overrides: string[]): unknown => {
    try {
      expandAxes(experimentOf(BASE, ...overrides).axes);
    } catch (error) {
      if (error instanceof InputError) return error.format().split(': ')[0];
      throw error;
    }
    return null;
  };
  expect(place('set={horizon:-1}')).toBe('command line:1:14');
  expect(place('axes.zip=[{horizon:[1,2],level:[0.5,7]}]')).toBe('command line:1:37');
  expect(place('replicate={target:5%,min:1}')).toBe('command line:1:26');
  expect(place('where=step>epsilon')).toBe('command line:1:7');
  expect(place('step=-epsilon')).toBe('command line:1:6');
  expect(place('seed=3', 'scheme=milstien')).toBe('command line:1:8');
});
