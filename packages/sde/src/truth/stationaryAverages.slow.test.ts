import { fileURLToPath } from 'node:url';
import { documentOf, readYamlFile } from '@ergoflow/input';
import { expect, test } from 'vitest';
import { parameterValues } from '../model/parameters.ts';
import { readModel } from '../model/readModel.ts';
import type { Scheme } from '../schemes/scheme.ts';
import { SCHEMES } from '../schemes/table.ts';
import { longAverages } from './longAverages.ts';
import { stationaryAverages } from './stationaryAverages.ts';

test('double-well: four components by rays and the midpoint rule find the factor of the closed form to six digits', () => {
  const model = readModel(readYamlFile(fileURLToPath(new URL('../../../../models/double-well.yaml', import.meta.url))));
  const { method, averages } = stationaryAverages({ model, parameters: parameterValues(model), slow: [0.8] });
  expect(method).toBe('gradient');
  expect((averages.get('drift x')?.value as number) / (2 * 0.8 - 0.8 ** 3)).toBeCloseTo(0.229557717164, 6);
});

// Not linear, not reversible: only simulation can say. |difference| ≤ 5 standard errors + grid error: a false alarm in 1e6; it sees 0.02.
test('a rotating double well: long chains agree', () => {
  const model = readModel(
    documentOf({
      slow: { x: { drift: 'y*z + y^2', noise: { W: '1 + 0.2*y' } } },
      fast: { y: { drift: 'y - y^3 + 2*z + x', noise: 1 }, z: { drift: '-z - 2*y', noise: 0.7 } },
    } as never),
  );
  const law = stationaryAverages({ model, parameters: parameterValues(model), slow: [0.1] });
  const chains = longAverages({
    model,
    parameters: parameterValues(model),
    slow: [0.1],
    scheme: SCHEMES.get('euler-maruyama') as Scheme,
    step: 0.02,
    duration: 200,
    chains: 256,
    meaning: ['truth test'],
  });
  for (const [name, { value, error }] of chains) {
    const grid = law.averages.get(name) as { value: number; error: number };
    expect(5 * error + grid.error).toBeLessThan(0.02);
    expect(Math.abs(value - grid.value), `${name}: ${value} ± ${error} against ${grid.value} ± ${grid.error}`).toBeLessThan(5 * error + grid.error);
  }
});
