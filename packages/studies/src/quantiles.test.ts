import { expect, test } from 'vitest';
import { normalQuantile, studentQuantile } from './quantiles.ts';

// scipy.stats.norm.ppf and t.ppf (SciPy 1.16).
test('quantiles are those of SciPy', () => {
  expect(normalQuantile(0.9995)).toBeCloseTo(3.2905267314919255, 12);
  expect(studentQuantile(0.9995, 7)).toBeCloseTo(5.407882520861828, 10);
  expect(studentQuantile(0.975, 7)).toBeCloseTo(2.364624251592784, 10);
  expect(studentQuantile(0.975, 1)).toBeCloseTo(12.706204736174694, 9);
  expect(studentQuantile(0.9995, 9e5)).toBeCloseTo(3.2905375423360366, 9);
});

test('the step to the normal quantile at many degrees of freedom is smaller than 1e-5', () => {
  expect(studentQuantile(0.9999995, 1e6) - studentQuantile(0.9999995, 1e6 + 1)).toBeLessThan(1e-4 * 0.5);
  expect(studentQuantile(0.9995, 1e6) - studentQuantile(0.9995, 1e6 + 1)).toBeLessThan(1e-5);
});
