import { assertCoverage } from '@ergoflow/testing';
import { test } from 'vitest';
import { ornsteinUhlenbeck } from './fixtures/paths.ts';
import { kernelDrift } from './kernelDrift.ts';

// False-alarm rate 1e-6; a coverage of 0.6 would be seen. The level is below the nominal 0.95, as the chosen lengths are taken as known.
test('kernel drift: 95 % intervals at 0.4 hold the drift in at least 85 of 100 paths of 100 relaxation times', () => {
  const chord = (1 - Math.exp(-0.04)) / 0.04;
  const intervals = ornsteinUhlenbeck(1, 0.7, 2500, 0.04, 350, 7).map((path) => {
    const { value, error } = kernelDrift({ paths: [path], basis: () => [] }).driftAt([Float64Array.of(0.4)]);
    return { low: value[0][0] - 1.96 * error[0][0], high: value[0][0] + 1.96 * error[0][0] };
  });
  assertCoverage(intervals, -0.4 * chord, 0.85, { detects: 0.25 }, 'atLeast');
});
