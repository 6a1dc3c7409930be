import { readYaml } from '@ergoflow/input';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { cellParameters, cellSettings } from './cellValues.ts';
import { expandAxes } from './expandAxes.ts';
import { BASE, experimentOf, STUDY } from './fixtures/study.ts';
import type { KnownStudy } from './known.ts';
import { readExperiment } from './readExperiment.ts';

const settingsAt = (...overrides: string[]): unknown[] => {
  const experiment = experimentOf(BASE, 'epsilon=1', ...overrides);
  return expandAxes(experiment.axes).cells.map((cell) => cellSettings(experiment, cell, STUDY));
};

test('settings at a cell are the experiment’s, with the values of the axes that are settings, in their place', () => {
  const rest = { level: 0.95, antithetic: false };
  expect(settingsAt()).toEqual([{ ...rest, horizon: 1, reference: { nodes: 33, chains: 256 } }]);
  expect(settingsAt('horizon=1,2', 'reference.nodes=9,17', 'reference.chains=8')).toEqual(
    [1, 2].flatMap((horizon) => [9, 17].map((nodes) => ({ ...rest, horizon, reference: { nodes, chains: 8 } }))),
  );
});

test('a value that its setting does not allow is refused, and one that does not go with the others at its axis', () => {
  expect(() => settingsAt('reference.nodes=9,3')).toThrow('axis reference.nodes is 3');
  const study: KnownStudy = {
    name: 'window',
    axes: {},
    settings: z
      .strictObject({ low: z.number().default(0), high: z.number().default(1) })
      .refine(({ low, high }) => low < high, 'Low must be below high'),
  };
  const experiment = readExperiment(readYaml('study: window\nmodel: m\naxes:\n  low: [0.5, 2]\n', 'x.yaml'), [], [study]);
  const [good, bad] = expandAxes(experiment.axes).cells;
  expect(cellSettings(experiment, good, study)).toEqual({ low: 0.5, high: 1 });
  expect(() => cellSettings(experiment, bad, study)).toThrow('does not go with low = 2: low must be below high');
});

test('parameters of the model at a cell go by their names', () => {
  const { axes } = experimentOf(BASE, 'epsilon=1', 'model.parameters.a=1,2', 'model.parameters.b=3');
  expect(expandAxes(axes).cells.map((cell) => Object.fromEntries(cellParameters(cell)))).toEqual([
    { a: 1, b: 3 },
    { a: 2, b: 3 },
  ]);
});

test('a key of one of a setting’s choices may be an axis, but not beside another choice', () => {
  const study: KnownStudy = {
    name: 'choice',
    axes: {},
    settings: z.strictObject({
      data: z.union([z.string(), z.strictObject({ count: z.number().default(3), spacing: z.number().default(1) })]).prefault({}),
    }),
  };
  const settingsOf = (text: string): unknown[] => {
    const experiment = readExperiment(readYaml(`study: choice\nmodel: m\n${text}`, 'x.yaml'), [], [study]);
    return expandAxes(experiment.axes).cells.map((cell) => cellSettings(experiment, cell, study));
  };
  expect(settingsOf('axes: { data.count: [1, 2] }\n')).toEqual([{ data: { count: 1, spacing: 1 } }, { data: { count: 2, spacing: 1 } }]);
  expect(settingsOf('axes: { data: [a.csv, b.csv] }\n')).toEqual([{ data: 'a.csv' }, { data: 'b.csv' }]);
  expect(() => settingsOf('axes: { data.count: [1, 2] }\ndata: a.csv\n')).toThrow(
    'data is "a.csv", which has no count: data.count cannot be an axis beside it',
  );
  expect(() => settingsOf('axes: { data.cuont: [1, 2] }\n')).toThrow('did you mean data.count?');
});
