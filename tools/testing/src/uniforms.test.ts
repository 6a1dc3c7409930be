import { expect, test } from 'vitest';
import { assertCorrelation } from './correlation.ts';
import { assertDistribution } from './distribution.ts';
import { uniforms } from './uniforms.ts';

test('the same name gives the same numbers, another name others', () => {
  expect(uniforms('a', 5)).toEqual(uniforms('a', 9).slice(0, 5));
  expect(uniforms('a', 5)).not.toEqual(uniforms('b', 5));
});

test('numbers are uniform, and those of two names uncorrelated', () => {
  const [a, b] = [uniforms('a', 200_000), uniforms('b', 200_000)];
  assertDistribution(a, (x) => x, { detects: 0.0125 });
  assertCorrelation(a, b, 0, { detects: 0.022 });
  assertCorrelation(a.subarray(1), a.subarray(0, -1), 0, { detects: 0.022 });
});
