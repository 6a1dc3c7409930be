import { assertProportion } from '@ergoflow/testing';
import { expect, test } from 'vitest';
import type { DriftBasis } from '../baselines/baseline.ts';
import { fullPaths, ornsteinUhlenbeck, slowModel } from '../baselines/fixtures/paths.ts';
import { regimeOf } from './regime.ts';

const linear: DriftBasis = ([x]) => [[x.map((each) => -each)]];

// Stated: 9e-5 for each lag, of which there are 5. 1000 data sets; false-alarm rate 1e-6; a rate above 0.025 would be seen.
test('of 1000 short Ornstein–Uhlenbeck paths hardly one is called homogenization', () => {
  const flagged = ornsteinUhlenbeck(1, 1, 1000, 0.02, 1000, 9).filter((path) => regimeOf([path], linear).verdict === 'homogenization').length;
  assertProportion(flagged, 1000, 5e-4, { detects: 0.035 }, 'atMost');
});

// Small wells of width 0.05·2π: fast time 0.0025, spacing 4e-4. The limits are ln K, K = 0.19244, 0.40104, 0.62386; two thirds of the fall must be seen (in logarithms).
test.each([
  [0.5, 0.19244],
  [0.7, 0.40104],
  [1, 0.62386],
])('a particle among small wells, sigma = %d: the variation falls with the lag, and so does the plain drift', (sigma, factor) => {
  const model = slowModel('-x + sin(x/0.05)/0.05', `sqrt(2*${sigma})`);
  const paths = fullPaths({ model, epsilon: 1, step: 1e-4, every: 4, observations: 250_000, paths: 1, seed: 2 });
  const { verdict, reason, lags } = regimeOf(paths, linear);
  expect(verdict, reason).toBe('homogenization');
  expect(lags.at(-1)?.logRatio.value).toBeLessThan((2 / 3) * Math.log(factor));
  const [first, last] = [lags[0], lags.at(-1)].map((view) => view?.coefficients[0].value as number);
  expect(last).toBeLessThan(0.8 * first);
});
