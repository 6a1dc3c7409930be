import { fileURLToPath } from 'node:url';
import { readYamlFile } from '@ergoflow/input';
import { expect, test } from 'vitest';
import { parameterValues } from '../model/parameters.ts';
import { readModel } from '../model/readModel.ts';
import { stationaryAverages } from './stationaryAverages.ts';

test('double-well: four components by rays and the midpoint rule find the factor of the closed form to six digits', () => {
  const model = readModel(readYamlFile(fileURLToPath(new URL('../../../../models/double-well.yaml', import.meta.url))));
  const { method, averages } = stationaryAverages({ model, parameters: parameterValues(model), slow: [0.8] });
  expect(method).toBe('gradient');
  expect((averages.get('drift x')?.value as number) / (2 * 0.8 - 0.8 ** 3)).toBeCloseTo(0.229557717164, 6);
});
