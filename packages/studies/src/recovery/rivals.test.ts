import { documentOf } from '@ergoflow/input';
import { parameterValues, readModel } from '@ergoflow/sde';
import { describe, expect, test } from 'vitest';
import { meanSquare, stationaryLaw, trueCoefficients } from '../fit/drift.ts';
import { simulatedSchema } from '../fit/settings.ts';
import { simulateData } from '../fit/simulateData.ts';
import { networkDrift } from './network.ts';
import { oracleParameters } from './oracle.ts';

const model = readModel(
  documentOf({
    slow: { x: { drift: 'a*x - c*x^3 + y', noise: 0.5 } },
    fast: { y: { drift: '-y', noise: 1 } },
    parameters: { a: 1, c: 2, b: 'a + c', w: 0.7 },
    truth: { drift: { x: 'a*x - c*x^3 + 0*b' } },
  }),
);
const parameters = parameterValues(model, new Map());
const data = (observations: number, replicate: number) =>
  simulateData(model, parameters, simulatedSchema.parse({ simulate: 'averaged', observations, spacing: 0.02, burnIn: 5 }), 3, replicate).path;

describe('the oracle', () => {
  test('is the least squares of a drift that is linear in its parameters, by the normal equations', () => {
    const path = data(2000, 0);
    const [g, f] = [new Float64Array(3), new Float64Array(2)];
    for (let k = 0; k + 1 < path.times.length; k++) {
      const [x, dx, dt] = [path.values[0][k], path.values[0][k + 1] - path.values[0][k], path.times[k + 1] - path.times[k]];
      const [p, q] = [x, -(x ** 3)];
      g[0] += p * p * dt;
      g[1] += p * q * dt;
      g[2] += q * q * dt;
      f[0] += p * dx;
      f[1] += q * dx;
    }
    const determinant = g[0] * g[2] - g[1] ** 2;
    const expected = [(g[2] * f[0] - g[1] * f[1]) / determinant, (g[0] * f[1] - g[1] * f[0]) / determinant];
    const found = oracleParameters(model, parameters, ['a', 'c'], [path]);
    expect(found.get('a')).toBeCloseTo(expected[0], 5);
    expect(found.get('c')).toBeCloseTo(expected[1], 5);
    expect(found.get('b')).toBeCloseTo(expected[0] + expected[1], 5);
    expect(oracleParameters(model, parameters, ['a', 'w'], [path]).get('w')).toBe(0.7);
  });

  test('finds parameters that enter as they like', () => {
    const curved = readModel(
      documentOf({
        slow: { x: { drift: '-sinh(k*x)/k + y', noise: 0.5 } },
        fast: { y: { drift: '-y', noise: 1 } },
        parameters: { k: 2 },
        truth: { drift: { x: '-sinh(k*x)/k' } },
      }),
    );
    // A path without noise lies where the drift leads it: the parameter comes out but for the error of the step.
    const times = Float64Array.from({ length: 2001 }, (_, k) => k * 1e-3);
    const x = new Float64Array(2001).fill(1);
    for (let k = 1; k < x.length; k++) x[k] = x[k - 1] - (1e-3 * Math.sinh(3 * x[k - 1])) / 3;
    expect(oracleParameters(curved, parameterValues(curved), ['k'], [{ times, values: [x] }]).get('k')).toBeCloseTo(3, 6);
  });
});

test('a network finds the drift of a long path, far better than none and worse than the oracle', { timeout: 60_000 }, () => {
  const path = data(50_000, 1);
  const law = stationaryLaw(model, parameters, [-1, 1]);
  if (law === null) throw new Error('there is one');
  const truth = trueCoefficients(model, parameters, law.at).drift;
  const network = meanSquare(law, [networkDrift([path], law.at[0], 0.25, 1)], truth);
  const oracle = meanSquare(law, trueCoefficients(model, oracleParameters(model, parameters, ['a', 'c'], [path]), law.at).drift, truth);
  const power = meanSquare(law, truth, [new Float64Array(truth[0].length)]);
  expect(network).toBeLessThan(power / 3);
  expect(oracle).toBeLessThan(network);
});

describe('a simulated data set', () => {
  test('has numbers of its own, that depend on its number alone', () => {
    expect(data(30, 5)).toEqual(data(30, 5));
    expect([...data(60, 5).values[0].subarray(0, 30)]).toEqual([...data(30, 5).values[0]]);
    expect(data(30, 6).values).not.toEqual(data(30, 5).values);
  });

  test('of the full system sees ε, of the averaged one does not', () => {
    const of = (simulate: string, epsilon: number) =>
      simulateData(model, parameters, simulatedSchema.parse({ simulate, epsilon, observations: 5, spacing: 0.1, step: 0.01 }), 1, 0).path;
    expect(of('averaged', 0.1)).toEqual(of('averaged', 0.5));
    expect(of('full', 0.1).values).not.toEqual(of('full', 0.5).values);
  });

  test('that is lost is a failure with its step', () => {
    const away = readModel(documentOf({ slow: { x: { drift: 'x^3 + y', noise: 0.5, start: 9 } }, fast: { y: { drift: '-y', noise: 1 } } }));
    const { failure } = simulateData(away, parameterValues(away), simulatedSchema.parse({ simulate: 'full', observations: 100 }), 1, 4);
    expect(failure).toMatchObject({ kind: 'non-finite', replicate: 4 });
  });
});
