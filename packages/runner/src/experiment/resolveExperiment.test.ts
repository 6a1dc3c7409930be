import { readYaml } from '@ergoflow/input';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expandAxes } from './expandAxes.ts';
import { type Parts, randomParts, written } from './fixtures/randomExperiment.ts';
import { BASE, experimentOf, STUDIES } from './fixtures/study.ts';
import { type Experiment, readExperiment } from './readExperiment.ts';
import { resolveExperiment } from './resolveExperiment.ts';

const readBack = (yaml: string): Experiment => readExperiment(readYaml(yaml, 'results/free/experiment.yaml'), [], STUDIES);
const meaningOf = (yaml: string, ...overrides: string[]): string => resolveExperiment(experimentOf(yaml, ...overrides)).json;

describe('a resolved experiment', () => {
  test('reads back as the same experiment: cells to the last bit, settings, seed, replicates, what is kept', () => {
    fc.assert(
      fc.property(randomParts, (parts) => {
        const experiment = experimentOf(written(parts));
        const { yaml, json } = resolveExperiment(experiment);
        const again = readBack(yaml);
        expect(expandAxes(again.axes)).toEqual(expandAxes(experiment.axes));
        const { name, study, model, settings, seed, keep } = experiment;
        expect(again).toMatchObject({ name, study, model, settings, seed, keep });
        expect(again.axes.replicates).toEqual(experiment.axes.replicates);
        expect(resolveExperiment(again)).toEqual({ yaml, json });
      }),
    );
  });

  test('means the same whatever the order of axes, guards and keys', () => {
    const turned = randomParts.chain((parts) => {
      const shuffled = <T>(all: readonly T[]): fc.Arbitrary<T[]> => fc.shuffledSubarray([...all], { minLength: all.length });
      return fc.tuple(fc.constant(parts), fc.record({ axes: shuffled(parts.axes), guards: shuffled(parts.guards), rest: shuffled(parts.rest) }));
    });
    fc.assert(
      fc.property(turned, ([one, other]: readonly [Parts, Parts]) => {
        const [a, b] = [experimentOf(written(one)), experimentOf(written(other))];
        expect(resolveExperiment(b).json).toBe(resolveExperiment(a).json);
        expect(JSON.stringify(expandAxes(b.axes).cells)).toBe(JSON.stringify(expandAxes(a.axes).cells));
      }),
    );
  });

  test('means the same under another name and description, in other spellings, and with its defaults written down', () => {
    const meaning = meaningOf(BASE);
    expect(meaningOf(`name: other\nabout: Something else.\n${BASE}`)).toBe(meaning);
    expect(meaningOf(BASE, 'epsilon=[0.1,1e-3,0.01,0.0021544346900318837,0.004641588833612779,0.021544346900318836,0.046415888336127786]')).toBe(
      meaning,
    );
    expect(meaningOf(BASE, 'step=(epsilon)/ 20.0', 'scheme=[euler-maruyama]', 'horizon=1', 'reference.nodes=33', 'replicate={count:64}')).toBe(
      meaning,
    );
    expect(meaningOf(BASE, 'where=[step<epsilon,step < epsilon]')).toBe(meaningOf(BASE, 'where=(step  <  epsilon)'));
    expect(meaningOf(BASE, 'axes.zip=[{horizon:[1,2]}]')).toBe(meaningOf(BASE, 'horizon=2,1'));
    expect(meaningOf(BASE, 'axes.zip=[{horizon:[1,2],level:[0.9,0.95]}]')).toBe(meaningOf(BASE, 'axes.zip=[{level:[0.95,0.9],horizon:[2,1]}]'));
  });

  test('means something else with any other value, axis, guard, setting, seed, model, count, or thing to keep', () => {
    const changes = [
      '',
      'epsilon=0.1,0.01',
      'step=epsilon/40',
      'where=step<1',
      'horizon=2',
      'horizon=1,2',
      'seed=8',
      'model=other',
      'replicate=65',
      'replicate={target:5%}',
      'keep=trajectories',
      'model.parameters.a=1',
      'axes.zip={horizon:[1,2],level:[0.9,0.95]}',
      'axes.zip={horizon:[1,2],level:[0.95,0.9]}',
    ];
    const meanings = changes.map((change) => meaningOf(BASE, ...(change === '' ? [] : [change])));
    expect(new Set(meanings).size).toBe(changes.length);
  });

  test('is YAML for people: complete, in order, as forms', () => {
    const { yaml } = resolveExperiment(experimentOf(BASE, 'where=step<=epsilon/10', 'horizon=2', '+about=What is it?'));
    expect(yaml).toBe(
      [
        'name: x',
        'about: "What is it?"',
        'study: averaging-error',
        'model: double-well',
        'axes:',
        '  epsilon: "geomspace(0.001, 0.1, 7)"',
        '  scheme: [euler-maruyama]',
        '  step: epsilon/20',
        '  replicate: 64',
        'where: ["step <= epsilon/10"]',
        'set:',
        '  horizon: 2',
        '  level: 0.95',
        '  antithetic: false',
        '  reference:',
        '    nodes: 33',
        '    chains: 256',
        'seed: 7',
        'keep: []',
        '',
      ].join('\n'),
    );
  });
});
