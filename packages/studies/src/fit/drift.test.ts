import { documentOf } from '@ergoflow/input';
import { parameterValues, readModel } from '@ergoflow/sde';
import { describe, expect, test } from 'vitest';
import { fittedDrift, meanSquare, stationaryLaw, trueCoefficients } from './drift.ts';

const OU = {
  slow: { x: { drift: '-a*x + y', noise: { x: 's', z: 's' } } },
  fast: { y: { drift: '-y', noise: 1 } },
  parameters: { a: { value: 2, learn: true }, s: 0.3 },
  truth: { drift: { x: '-a*x' } },
};
const model = readModel(documentOf(OU));
const parameters = parameterValues(model, new Map());

describe('the stationary law', () => {
  const law = stationaryLaw(model, parameters, [-0.1, 0.4]);
  if (law === null) throw new Error('there is one');
  const moment = (power: number): number => law.weights.reduce((sum, w, k) => sum + w * law.at[0][k] ** power, 0);

  test('of a linear drift is normal with variance σσᵀ/(2a), two processes added', () => {
    const variance = (2 * 0.3 ** 2) / (2 * 2);
    expect(moment(0)).toBeCloseTo(1, 12);
    expect(moment(1)).toBeCloseTo(0, 9);
    expect(moment(2) / variance).toBeCloseTo(1, 4);
    expect(moment(4) / (3 * variance ** 2)).toBeCloseTo(1, 4);
  });

  test('has E b² = -½ σσᵀ E b′, by parts', () => {
    const zero = [new Float64Array(law.weights.length)];
    expect(meanSquare(law, trueCoefficients(model, parameters, law.at).drift, zero) / (0.5 * 0.18 * 2)).toBeCloseTo(1, 4);
  });

  test('is null where paths run away', () => {
    const away = readModel(documentOf({ ...OU, truth: { drift: { x: 'a*x' } } }));
    expect(stationaryLaw(away, parameters, [-1, 1])).toBeNull();
  });
});

test('the drift of a law is the weighted mean over its samples, at the fitted parameters', () => {
  const law = { components: ['y'], samples: [Float64Array.of(1, 2, 6)], weights: Float64Array.of(0.5, 0.25, 0.25), at: null };
  const fitted = parameterValues(model, new Map([['a', 3]]));
  const [drift] = fittedDrift(model, fitted, { law }, [Float64Array.of(0, 1)]) ?? [];
  expect([...drift]).toEqual([2.5, -0.5]);
  expect(fittedDrift(model, fitted, { law: { ...law, at: [[0], [0], [0]] } }, [Float64Array.of(0)])).toBeNull();
});
