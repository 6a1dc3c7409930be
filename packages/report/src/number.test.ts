import { expect, test } from 'vitest';
import { axisText, significant, withError } from './number.ts';

test('an estimate has as many digits as its interval supports', () => {
  expect(withError(0.05123, 0.04993, 0.05253)).toBe('0.0512 ± 0.0013');
  expect(withError(12.3456, 11.14, 13.6)).toBe('12.3 ± 1.2');
  expect(withError(-2, -2.5, -1.5)).toBe('-2.00 ± 0.50');
  expect(withError(1234.5, 234.5, 2234.5)).toBe('(1.2 ± 1.0)e3');
  expect(withError(3.21e-5, 3.1e-5, 3.32e-5)).toBe('(3.21 ± 0.11)e-5');
  expect(withError(0.25, 0.25, 0.25)).toBe('0.25');
  expect(withError(Number.NaN, 0, 1)).toBe('none');
});

test('numbers lose trailing zeros and digits beyond those asked for', () => {
  expect(significant(0.123456)).toBe('0.123');
  expect(significant(1000)).toBe('1000');
  expect(significant(Number.POSITIVE_INFINITY)).toBe('Infinity');
  expect([axisText(0.0197435048583482), axisText('euler'), axisText(true), axisText(undefined)]).toEqual(['0.0197435', 'euler', 'true', '']);
});
