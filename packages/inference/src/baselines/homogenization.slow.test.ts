import { describe, expect, test } from 'vitest';
import type { DriftBasis, Estimated } from './baseline.ts';
import { fullPaths, slowModel } from './fixtures/paths.ts';
import { BASELINES } from './table.ts';

const linear: DriftBasis = ([x]) => [[x.map((each) => -each)]];

// p = cos, alpha = 1: drift A = K and diffusion K σ, K = I0(1/σ)^-2 (Abdulle, Garegnani, Pavliotis, Stuart & Zanoni 2023).
describe.each([
  [0.5, 0.19244, 0.09622],
  [0.7, 0.40104, 0.28073],
  [1, 0.62386, 0.62386],
])('langevin-periodic at sigma = %d', (sigma, drift, diffusion) => {
  // The fast variable of models/langevin-periodic.yaml is y = x/delta, here written out: delta² = 2.5e-5 is the fast time, the step an eightieth of it.
  const paths = fullPaths({
    model: slowModel('-x + sin(x/0.005)/0.005', `sqrt(2*${sigma})`),
    epsilon: 1,
    step: 3.125e-7,
    every: 16_000,
    observations: 10_000,
    paths: 32,
    seed: 11,
  });
  const near = (what: string, { value, error }: Estimated, truth: number, largestError: number): void => {
    expect(error / truth, `${what} ${value} ± ${error}`).toBeLessThan(largestError);
    expect(Math.abs(value - truth), `${what} ${value} ± ${error} against ${truth}`).toBeLessThan(3 * error);
  };

  // Seeds are fixed; with others each of the twelve comparisons would fail once in 370 times. What would be seen: a drift off by 30 %, a diffusion off by 6 %.
  test.each(['subsampled', 'filtered'])('%s: drift and diffusion are the homogenized ones within 3 standard errors', (name) => {
    const { coefficients, diffusion: variation } = BASELINES[name]({ paths, basis: linear, lag: 0.05, width: 0.25 });
    near('drift', coefficients[0], drift, 0.1);
    near('diffusion', { value: variation[0].value / 2, error: variation[0].error / 2 }, diffusion, 0.02);
  });
});
