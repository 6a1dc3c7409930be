import { assertCoverage } from '@ergoflow/testing';
import { test } from 'vitest';
import { fitSets, NEAR_LAWS } from './fixtures/orderSets.ts';

// False-alarm rate 1e-6 each; a coverage of 0.93 would be seen.
const power = { detects: 0.02 };
const count = 16_000;

test.each([0.003, 0.01, 0.02])('the interval holds the order of a power law as often as it says, at a noise of %d', (noise) => {
  assertCoverage(fitSets({ name: `pure ${noise}`, count, noise, law: (at) => at }), 1, 0.95, power, 'atLeast');
});

test.each(NEAR_LAWS.flatMap(([name, law]) => [0.003, 0.01, 0.02].map((noise) => ({ name, law, noise }))))(
  'the interval holds the order where the error is $name, at a noise of $noise',
  ({ name, law, noise }) => {
    assertCoverage(fitSets({ name: `${name} ${noise}`, count, noise, law }), 1, 0.95, power, 'atLeast');
  },
);
