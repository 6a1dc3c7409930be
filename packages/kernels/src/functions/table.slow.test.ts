import { expect, test } from 'vitest';
import { worstOf, worstPower } from './fixtures/measure.ts';
import { TRUTH } from './fixtures/truth.ts';
import { FUNCTIONS } from './table.ts';

for (const name of Object.keys(TRUTH)) {
  test(`${name} keeps its bound at the worst of two million points`, () => {
    const { ulp, measured } = worstOf(name, 2_000_000, 20_000);
    expect(measured).toBeGreaterThan(30_000);
    expect(ulp).toBeLessThanOrEqual(FUNCTIONS[name].ulp);
  });
}

test('x^y keeps its bound at the worst of two million points', () => {
  const { ulp, measured } = worstPower(2_000_000, 20_000);
  expect(measured).toBeGreaterThan(30_000);
  expect(ulp).toBeLessThanOrEqual(2);
});
