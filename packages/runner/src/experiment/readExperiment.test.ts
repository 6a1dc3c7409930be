import { documentOf, readYaml } from '@ergoflow/input';
import { describe, expect, test } from 'vitest';
import { expandAxes } from './expandAxes.ts';
import { BASE, experimentOf, STUDIES } from './fixtures/study.ts';
import { DEFAULT_SEED, readExperiment } from './readExperiment.ts';

describe('an experiment', () => {
  test('has a default for all but study, model and the axes that its study needs', () => {
    const { name, about, study, model, settings, seed, keep, axes } = experimentOf(
      'study: averaging-error\nmodel: double-well\naxes: {epsilon: 1}\n',
    );
    expect({ name, about, study, model, settings, seed, keep }).toEqual({
      name: 'x',
      about: null,
      study: 'averaging-error',
      model: 'double-well',
      settings: { horizon: 1, level: 0.95, antithetic: false, reference: { nodes: 33, chains: 256 } },
      seed: DEFAULT_SEED,
      keep: [],
    });
    expect(axes.replicates).toEqual({ kind: 'count', count: 256 });
    expect(expandAxes(axes).cells).toEqual([{ axes: { epsilon: 1, scheme: 'euler-maruyama', step: 0.05 } }]);
  });

  test('takes its name from its file, or the folder of experiment.yaml, else from its study', () => {
    const nameIn = (file: string): string => readExperiment(readYaml(BASE, file), [], STUDIES).name;
    expect(nameIn('a/linear-check.yaml')).toBe('linear-check');
    expect(nameIn('experiments/linear-check/experiment.yaml')).toBe('linear-check');
    expect(nameIn('experiment.yaml')).toBe('averaging-error');
    expect(nameIn('some file.yml')).toBe('averaging-error');
    expect(experimentOf(BASE, '+name=mine').name).toBe('mine');
  });

  test('may be a plain object of a program', () => {
    const experiment = readExperiment(documentOf({ study: 'free', model: { slow: {} }, axes: { a: [1, 2], b: 'a/2' }, where: 'b < 1' }), [], STUDIES);
    expect(expandAxes(experiment.axes).cells).toEqual([{ axes: { a: 1, b: 0.5 } }]);
    expect(experiment.model).toEqual({ slow: {} });
  });

  test('has settings at its top level or under set, and numeric ones in formulas', () => {
    const { settings, axes } = experimentOf(`${BASE}horizon: 3\nset: {reference: {nodes: 9}}\n`, 'step=horizon/100', 'where=level > 0.9');
    expect(settings).toMatchObject({ horizon: 3, reference: { nodes: 9, chains: 256 } });
    expect(new Set(expandAxes(axes).cells.map((cell) => cell.axes.step))).toEqual(new Set([0.03]));
  });

  test('has a setting as an axis or as a setting, and as an axis it is none', () => {
    const { settings, axes } = experimentOf(BASE, 'epsilon=1', 'horizon=1,2', 'reference.nodes=9,17', 'step=horizon/10');
    expect(settings).toEqual({ level: 0.95, antithetic: false, reference: { chains: 256 } });
    expect(expandAxes(axes).cells.map((cell) => [cell.axes.horizon, cell.axes['reference.nodes'], cell.axes.step])).toEqual([
      [1, 9, 0.1],
      [1, 17, 0.1],
      [2, 9, 0.2],
      [2, 17, 0.2],
    ]);
  });

  test('keeps what it is told to, once and in order', () => {
    expect(experimentOf(BASE, 'keep=trajectories').keep).toEqual(['trajectories']);
    expect(experimentOf(BASE, 'keep=[trajectories,trajectories]').keep).toEqual(['trajectories']);
  });

  test('of another study needs the axes of that one', () => {
    expect(experimentOf('study: free\nmodel: m\naxes: {epsilon: 1}\n', 'study=averaging-error').study).toBe('averaging-error');
    expect(() => experimentOf(BASE, 'study=free')).toThrow('unknown axis "epsilon" of free');
  });
});

describe('names in formulas', () => {
  const cells = (axes: string, ...more: string[]): unknown =>
    expandAxes(experimentOf(`study: free\nmodel: m\naxes: {${axes}}\n`, ...more).axes).cells.map((cell) => cell.axes.d);

  test('are of the axis or setting that has exactly that name, before one that ends in it', () => {
    expect(cells('a: 1, model.parameters.a: 5, d: 10*a')).toEqual([10]);
    expect(cells('model.parameters.h: 5, d: 10*h')).toEqual([20]);
    expect(cells('model.parameters.k: 5, d: 10*k')).toEqual([50]);
  });

  test('that could be of several axes are refused', () => {
    expect(() => experimentOf(`${BASE}`, 'model.parameters.nodes=1', 'reference.nodes=9,17', 'step=1/nodes')).toThrow(
      '"nodes" in step could be one of several axes: only one may end in it',
    );
  });
});

test('a thousand axes in a chain are read, more are refused, and a long circle is told in short', () => {
  const chain = (n: number, last: string): string =>
    `study: free\nmodel: m\naxes:\n${Array.from({ length: n }, (_, k) => `  model.parameters.p${k}: ${k === n - 1 ? last : `p${k + 1} + 1`}\n`).join('')}`;
  const start = process.hrtime.bigint();
  const [cell] = expandAxes(experimentOf(chain(1000, '1')).axes).cells;
  expect(cell.axes['model.parameters.p0']).toBe(1000);
  expect(() => experimentOf(chain(1001, '1'))).toThrow('there are 1001 axes: at most 1000 are allowed');
  expect(() => experimentOf(chain(1000, 'p0'))).toThrow(
    /in a circle: model\.parameters\.p0 → .* → … → model\.parameters\.p0: one of them must have values$/,
  );
  expect(Number(process.hrtime.bigint() - start) / 1e9).toBeLessThan(5);
});
