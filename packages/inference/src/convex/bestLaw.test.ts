import { documentOf } from '@ergoflow/input';
import { parameterValues, readModel } from '@ergoflow/sde';
import { describe, expect, it } from 'vitest';
import type { Transitions } from '../data/observations.ts';
import { transitionsOf } from '../data/transitions.ts';
import { averagedPaths, shippedModel } from '../fixtures/averagedPaths.ts';
import { bestLaw, nodeStatistics } from './bestLaw.ts';

const sum = ({ count }: Transitions, term: (k: number) => number): number => {
  let total = 0;
  for (let k = 0; k < count; k++) total += term(k);
  return total;
};

describe('the best law of a model', () => {
  it('is that of least squares in two dimensions, where each component has one free factor', () => {
    // The averages are x - x³ + z E[y1] and -z + x E[y2²/(1 + y2²)]: any number, and one between 0 and 1.
    const model = readModel(
      documentOf({
        slow: { x: { drift: 'x - x^3 + z*y1', noise: 0.5 }, z: { drift: '-z + y2^2*x/(1 + y2^2)', noise: 0.6 } },
        fast: { y1: { drift: '-y1', noise: 1 }, y2: { drift: '-y2', noise: 1 } },
        truth: { drift: { x: 'x - x^3 + 0.3*z', z: '-z + 0.4*x' } },
      } as never),
    );
    const parameters = parameterValues(model);
    const transitions = transitionsOf(averagedPaths(model, 2, 4000, 0.02, 5));
    const gathered = nodeStatistics({ model, parameters, transitions, seed: ['two'] });
    if (gathered.kind !== 'quadratic') throw new TypeError('the statistics must be quadratic');
    const best = bestLaw({ model, parameters, gathered, seed: ['two'] });
    expect(best).toMatchObject({ converged: true, isCertificate: true, diffusion: [] });
    const [x, z] = transitions.from;
    const [dx, dz] = transitions.increment;
    const { duration } = transitions;
    const squares = [z, x].map((values) => sum(transitions, (k) => values[k] ** 2 * duration[k]));
    const first = sum(transitions, (k) => z[k] * (dx[k] - (x[k] - x[k] ** 3) * duration[k])) / squares[0];
    const second = sum(transitions, (k) => x[k] * (dz[k] + z[k] * duration[k])) / squares[1];
    expect(second).toBeGreaterThan(0);
    expect(second).toBeLessThan(1);
    // An error e of a factor costs ½ e² squares/σ² nats.
    const within = [0.25, 0.36].map((variance, c) => Math.sqrt((2 * 1e-3 * variance) / squares[c]));
    const [atX, atZ] = gathered.nodes.points;
    for (let i = 0; i < gathered.nodes.count; i++) {
      expect(Math.abs(best.drift[0][i] - (atX[i] - atX[i] ** 3 + first * atZ[i]))).toBeLessThan(within[0] * Math.abs(atZ[i]) + 1e-9);
      expect(Math.abs(best.drift[1][i] - (second * atX[i] - atZ[i]))).toBeLessThan(within[1] * Math.abs(atX[i]) + 1e-9);
    }
  });

  it('is that of maximum likelihood where the noise is averaged, drift and diffusion having one free number each', () => {
    // The averages are x - x³ + m and (1 + x²/4) c, m = E y, c = E (s0 + s1 y)².
    const model = shippedModel('multiplicative');
    const parameters = parameterValues(model);
    const transitions = transitionsOf(averagedPaths(model, 2, 5000, 0.02, 6));
    const [x] = transitions.from;
    const [dx] = transitions.increment;
    const { count, duration } = transitions;
    const weight = (k: number): number => 1 + x[k] ** 2 / 4;
    const residual = (k: number): number => dx[k] - (x[k] - x[k] ** 3) * duration[k];
    const m = sum(transitions, (k) => residual(k) / weight(k)) / sum(transitions, (k) => duration[k] / weight(k));
    const c = sum(transitions, (k) => (residual(k) - m * duration[k]) ** 2 / (weight(k) * duration[k])) / count;
    const nll = sum(transitions, (k) => Math.log(2 * Math.PI * c * weight(k) * duration[k]) + 1) / 2;

    const gathered = nodeStatistics({ model, parameters, transitions, seed: ['noise'] });
    if (gathered.kind !== 'binned') throw new TypeError('the statistics must be binned');
    const best = bestLaw({ model, parameters, gathered, seed: ['noise'] });
    expect(best).toMatchObject({ converged: true, isCertificate: false });
    // Where binning errs by 0.1 nats at most, the number found may be off by what costs as much, twice over.
    expect(Math.abs(best.nll - nll)).toBeLessThan(0.2);
    const withinDrift = Math.sqrt((0.4 * c) / sum(transitions, (k) => duration[k] / weight(k)));
    const withinDiffusion = c * Math.sqrt(0.8 / count);
    const [nodes] = gathered.nodes.points;
    for (const [i, node] of nodes.entries()) {
      expect(Math.abs(best.drift[0][i] - (node - node ** 3 + m))).toBeLessThan(withinDrift);
      expect(Math.abs(best.diffusion[0][i] / (1 + node ** 2 / 4) - c)).toBeLessThan(withinDiffusion);
    }
  });

  it('starts from atoms that are given, and then needs no others where they are the best', () => {
    const model = shippedModel('tagged-particle');
    const parameters = parameterValues(model);
    const transitions = transitionsOf(averagedPaths(model, 1, 1000, 0.02, 7));
    const gathered = nodeStatistics({ model, parameters, transitions, seed: ['hints'] });
    if (gathered.kind !== 'quadratic') throw new TypeError('the statistics must be quadratic');
    const best = bestLaw({ model, parameters, gathered, seed: ['hints'] });
    const again = bestLaw({ model, parameters, gathered, seed: ['others'], hints: best.atoms });
    expect(Math.abs(again.nll - best.nll)).toBeLessThanOrEqual(1e-3 + best.gap);
    expect(again.converged).toBe(true);
  });
});
