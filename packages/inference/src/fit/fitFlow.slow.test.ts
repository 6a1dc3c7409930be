/** Fits that take longer: several slow components, laws that depend on the slow state, the reference systems over many data sets, other targets. */
import { scalarFunction } from '@ergoflow/kernels';
import { parameterValues } from '@ergoflow/sde';
import { assertProportion } from '@ergoflow/testing';
import { describe, expect, it } from 'vitest';
import { averagedPaths, CLOSED_DRIFTS, driftError, shippedModel, stationaryLaw } from '../fixtures/averagedPaths.ts';
import { pathOf, read, SMALL } from '../fixtures/smallFits.ts';
import { fitFlow } from './fitFlow.ts';
import { normalSource } from './normals.ts';
import type { FitOptions, FitResult } from './types.ts';

const SETS = 20;
const sin = scalarFunction('sin');

/** Fits of many data sets of a shipped model with all parameters known, with their drift errors over the stationary law. */
async function fits(
  name: string,
  length: number,
  options: FitOptions,
  sets: number = SETS,
): Promise<{ readonly result: FitResult; readonly error: number }[]> {
  const shipped = shippedModel(name);
  const model = { ...shipped, parameters: shipped.parameters.map((parameter) => ({ ...parameter, learn: false })) };
  const parameters = parameterValues(model);
  const law = stationaryLaw(CLOSED_DRIFTS[name], parameters.get('sigma') as number);
  const made: { result: FitResult; error: number }[] = [];
  for (const [seed, path] of averagedPaths(shipped, sets, length, 0.02, 7).entries()) {
    const result = await fitFlow({ model, parameters, paths: [path] }, { ...options, seed });
    made.push({ result, error: driftError(law, model, { atoms: result.law.samples, weights: result.law.weights }) });
  }
  return made;
}

const mean = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0) / values.length;

/** Two standard errors of a mean. */
function margin(values: readonly number[]): number {
  const centre = mean(values);
  return 2 * Math.sqrt(values.reduce((total, value) => total + (value - centre) ** 2, 0) / (values.length - 1) / values.length);
}

describe('a fit of several components', () => {
  it('of two slow components with learned noise fits drift and noise', async () => {
    const model = read({
      slow: { x: { drift: '-x + y', noise: { W: 's' } }, z: { drift: '-z + y^2', noise: { W: '0.5*s', V: 0.3 } } },
      fast: { y: { drift: 'unknown', noise: 'unknown' } },
      parameters: { s: { value: 1, learn: true, prior: 'lognormal(0, 1)' } },
    });
    const count = 3000;
    const z = normalSource(['two'], 2, count).at(0);
    const times = Float64Array.from({ length: count + 1 }, (_, k) => 0.05 * k);
    const values = [new Float64Array(count + 1), new Float64Array(count + 1)];
    for (let k = 0; k < count; k++) {
      const [x, v] = values.map((row) => row[k]);
      values[0][k + 1] = x + 0.05 * (0.5 - x) + 0.6 * Math.sqrt(0.05) * z[k];
      values[1][k + 1] = v + 0.05 * (1.25 - v) + Math.sqrt(0.05) * (0.3 * z[k] + 0.3 * z[count + k]);
    }
    const result = await fitFlow({ model, parameters: parameterValues(model), paths: [{ times, values }] }, SMALL);
    expect(result.method.likelihood).toBe('binned');
    // ½ N dx observations of the variance: relative sd of s about 1/√(2 N) = 1.3 %
    expect(Math.abs(result.parameters.s.estimate / 0.6 - 1)).toBeLessThan(0.065);
    expect(result.parameters.s.low).toBeLessThan(0.6);
    expect(result.parameters.s.high).toBeGreaterThan(0.6);
    // T/σ² = 417 and 833: sd of E y 0.05, of E y² 0.035; 5 of them
    for (const [i, [x, v]] of result.drift.at.entries()) {
      expect(Math.abs(result.drift.estimate[i][0] - (0.5 - x))).toBeLessThan(0.25);
      expect(Math.abs(result.drift.estimate[i][1] - (1.25 - v))).toBeLessThan(0.25);
    }
    expect(result.reducedModel?.axes.length).toBe(2);
    expect(result.diffusion.estimate[0].length).toBe(4);
  });

  it('takes every transition as it is where there are too many slow components for a grid', async () => {
    const model = read({
      slow: { x: { size: 4, drift: 'y - x[i]', noise: 0.5 } },
      fast: { y: { drift: 'unknown', noise: 'unknown' } },
    });
    const observed = pathOf((x) => x.map((value) => 0.7 - value), 0.5, 1200, [0, 0, 0, 0], 'four');
    const result = await fitFlow({ model, parameters: new Map(), paths: [observed] }, SMALL);
    expect(result.method.likelihood).toBe('minibatch');
    expect(result.certificate.natsAboveOptimum).toBeNull();
    expect(result.reducedModel).toBeNull();
    // 4 components: information of E y is 4 T/σ² = 770, sd 0.036
    const found = result.drift.estimate[0][0] + result.drift.at[0][0];
    expect(Math.abs(found - 0.7)).toBeLessThan(0.2);
  });

  it('learns a law that depends on the slow state', async () => {
    const model = read({
      slow: { x: { drift: 'y - x', noise: 0.4 } },
      fast: { y: { drift: 'x - y', noise: 1 } },
    });
    const observed = pathOf(([x]) => [sin(2 * x) - x], 0.4, 4000, [0.5], 'conditional');
    const result = await fitFlow(
      { model, parameters: new Map(), paths: [observed] },
      { ...SMALL, likelihood: {}, flow: { family: 'spline', layers: 1, hidden: [16] } },
    );
    expect(result.law.at?.length).toBe(16);
    const inside = result.drift.at.map(([x], i) => ({ x, i })).filter(({ x }) => Math.abs(x) < 1);
    expect(inside.length).toBeGreaterThan(3);
    for (const { x, i } of inside) expect(Math.abs(result.drift.estimate[i][0] - (sin(2 * x) - x))).toBeLessThan(0.35);
  });
});

describe('a fit of the reference systems', () => {
  // Mean drift errors of an independent implementation of flows (six data sets each), without a penalty.
  it.each([
    ['double-well', 1000, 1.3e-2],
    ['double-well', 15_000, 1.4e-3],
    ['tagged-particle', 1000, 5.8e-1],
    ['tagged-particle', 15_000, 9.8e-3],
  ])(
    '%s, %i transitions: the drift error is at most %f and two standard errors, and every fit is near the best law under its penalty',
    async (name, length, figure) => {
      const made = await fits(name, length, {});
      const errors = made.map(({ error }) => error);
      expect(mean(errors)).toBeLessThan(figure + margin(errors));
      for (const { result } of made) expect(result.certificate.natsAbovePenalisedOptimum).toBeLessThan(1.5);
    },
  );

  it('without a penalty is within 1.5 nats of the convex optimum by its first run, and always after restarts, from a start shifted by 5 too', async () => {
    let first = 0;
    for (const name of ['double-well', 'tagged-particle']) {
      for (const startShift of [0, 5]) {
        for (const { result } of await fits(name, 15_000, { penalties: [], startShift })) {
          const { optimum, natsAboveOptimum } = result.certificate;
          expect(natsAboveOptimum).toBeLessThan(1.5);
          if (startShift === 0 && result.restarts[0].objective - (optimum as number) < 1.5) first += 1;
        }
      }
    }
    // False-alarm rate 1e-6: a first run that reaches it in 0.28 of cases would be seen.
    assertProportion(first, 2 * SETS, 0.95, { detects: 0.67 }, 'atLeast');
  });

  it('with few data is three times nearer to the truth than the best law on average, and nearer in most data sets', async () => {
    const sets = 3 * SETS;
    const shrunk = await fits('tagged-particle', 1000, { optimiser: { steps: 200 } }, sets);
    const best = await fits('tagged-particle', 1000, { flow: 'none', penalties: [] }, sets);
    expect(mean(best.map(({ error }) => error)) / mean(shrunk.map(({ error }) => error))).toBeGreaterThan(3);
    const nearer = shrunk.filter(({ error }, k) => error < best[k].error).length;
    // False-alarm rate 1e-6: a law that is nearer in 0.31 of cases would be seen.
    assertProportion(nearer, sets, 0.9, { detects: 0.59 }, 'atLeast');
  });

  it('has intervals that hold the true drift where the path has been', async () => {
    let held = 0;
    for (const name of ['double-well', 'tagged-particle']) {
      for (const { result } of await fits(name, 15_000, { flow: 'none' }, 2 * SETS)) {
        // One interval a data set: at two thirds of the visited range, off the unstable point, where the drift of any law is 0.
        const { at, low, high } = result.drift;
        const i = Math.floor((2 * at.length) / 3);
        const truth = CLOSED_DRIFTS[name](at[i][0]);
        if (low[i][0] <= truth && truth <= high[i][0]) held += 1;
      }
    }
    // False-alarm rate 1e-6 at the nominal level: a coverage of 0.45 would be seen.
    assertProportion(held, 4 * SETS, 0.95, { detects: 0.5 }, 'atLeast');
  });

  it('multiplicative recovers its averaged diffusion within 5 %', async () => {
    const model = shippedModel('multiplicative');
    const fixed = { ...model, parameters: model.parameters.map((parameter) => ({ ...parameter, learn: false })) };
    const [path] = averagedPaths(model, 1, 15_000, 0.02, 3);
    const { diffusion } = await fitFlow({ model: fixed, parameters: parameterValues(fixed), paths: [path] });
    for (const [i, [x]] of diffusion.at.entries()) {
      const truth = (1 + (x * x) / 4) * 0.375;
      // N = 15,000 increments: relative deviation √(2/N) = 1.2 %, so 5 % are four of them
      expect(Math.abs(diffusion.estimate[i][0] / truth - 1)).toBeLessThan(0.05);
    }
  });

  it('coupled recovers the mean of its law given the slow state, and the drift', async () => {
    const model = shippedModel('coupled');
    const [path] = averagedPaths(model, 1, 50_000, 0.02, 3);
    const { law, drift } = await fitFlow({ model, parameters: parameterValues(model), paths: [path] });
    const perNode = law.samples[0].length / (law.at?.length ?? 1);
    for (const [i, [x]] of (law.at ?? []).entries()) {
      if (Math.abs(x) > 1.1) continue;
      // only E y³ is seen: its cube root is near the mean x where the law is narrow beside it
      const cube = mean([...law.samples[0].subarray(i * perNode, (i + 1) * perNode)].map((y) => y ** 3));
      const truth = x ** 3 + (0.375 * x) / (1 + x * x);
      expect(Math.abs(cube - truth), `E y³ at ${x}`).toBeLessThan(0.25);
      expect(Math.abs(drift.estimate[i][0] - (x - truth)), `drift at ${x}`).toBeLessThan(0.25);
    }
  });
});

describe('a fit on TensorFlow', () => {
  it('is the fused one within rounding that training has carried on', async () => {
    const model = read({ slow: { x: { drift: '-1.3*x + y', noise: 0.5 } }, fast: { y: { drift: 'unknown', noise: 'unknown' } } });
    const observed = pathOf(([x]) => [0.8 - 1.3 * x], 0.5, 1000, [0.3], 'targets');
    const problem = { model, parameters: new Map<string, number>(), paths: [observed] };
    const options: FitOptions = { ...SMALL, optimiser: { steps: 40 } };
    const fused = await fitFlow(problem, options);
    const tensorflow = await fitFlow(problem, { ...options, backend: 'tensorflow' });
    expect(tensorflow.method.target).toBe('tensorflow');
    expect(Math.abs(tensorflow.restarts[0].objective - fused.restarts[0].objective)).toBeLessThan(1e-2);
    for (const [i, [b]] of fused.drift.estimate.entries()) expect(Math.abs(tensorflow.drift.estimate[i][0] - b)).toBeLessThan(1e-2);
  });
});
