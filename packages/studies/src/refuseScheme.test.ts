import { documentOf } from '@ergoflow/input';
import type { JsonObject } from '@ergoflow/runner';
import { parameterValues, readModel } from '@ergoflow/sde';
import { expect, test } from 'vitest';
import { SettingError } from './study.ts';
import { STUDIES } from './table.ts';

const model: JsonObject = {
  name: 'modulated',
  slow: { x: { drift: '-x', noise: '1 + y' } },
  fast: { y: { drift: '-y', noise: 1 } },
  truth: { drift: { x: '-x' }, diffusion: { x: 1.5 } },
};

function planWith(study: string, scheme: string): unknown {
  const read = readModel(documentOf(model));
  const { plan, settings } = STUDIES.get(study) as NonNullable<ReturnType<(typeof STUDIES)['get']>>;
  const cell = { axes: { epsilon: 0.1, step: 1 / 64, scheme } };
  return plan({ cell, model: read, modelData: model, parameters: parameterValues(read), settings: settings.parse({}) }, 10, 1, []);
}

const withScheme = [...STUDIES.values()].filter(({ axes }) => 'scheme' in axes).map(({ name }) => name);

test.each(withScheme)('%s refuses a scheme that does not fit the model before anything runs, and takes one that does', (study) => {
  expect(() => planWith(study, 'strong-three-halves')).toThrow(SettingError);
  expect(() => planWith(study, 'strong-three-halves')).toThrow('strong-three-halves cannot step modulated: its noise depends on the state');
  expect(planWith(study, 'weak-two')).toHaveProperty('works');
});

test('averaging-error refuses a scheme that steps the full system but not the averaged equation', () => {
  expect(() => planWith('averaging-error', 'projective-integration')).toThrow(
    'projective-integration cannot step the averaged equation of modulated: it needs slow and fast variables',
  );
});
