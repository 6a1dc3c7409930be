import { expect, test } from 'vitest';
import { runningSummary, summaryOf } from './summary.ts';
import { uniforms } from './uniforms.ts';

test('mean, deviation and skewness are those of a sample worked out by hand', () => {
  // Deviations -3, -1, 1, 3 and 0: squares sum to 20, cubes to 0; then with 10 for 0: mean 2, squares 25 + 9 + 1 + 1 + 64 = 100, cubes -125 - 27 - 1 + 1 + 512 = 360.
  expect(summaryOf([-3, -1, 0, 1, 3])).toEqual({ count: 5, mean: 0, sd: Math.sqrt(5), skewness: 0 });
  const skewed = summaryOf([-3, -1, 1, 3, 10]);
  expect(skewed.mean).toBe(2);
  expect(skewed.sd).toBe(5);
  expect(skewed.skewness).toBeCloseTo(360 / 5 / 125, 14);
});

test('a running summary agrees with the one of all samples', () => {
  const samples = uniforms('running', 10_000).map((x) => x ** 3 - 0.2);
  const running = runningSummary();
  for (const x of samples) running.add(x);
  const [one, all] = [running.summary(), summaryOf(samples)];
  expect(one.count).toBe(all.count);
  expect(one.mean).toBeCloseTo(all.mean, 12);
  // The running deviation divides by n.
  expect(one.sd).toBeCloseTo(all.sd * Math.sqrt(1 - 1 / 10_000), 12);
  expect(one.skewness).toBeCloseTo(all.skewness, 3);
});
