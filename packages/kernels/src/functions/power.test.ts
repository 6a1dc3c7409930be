import fc from 'fast-check';
import { expect, test } from 'vitest';
import { scalarOf } from '../scalar.ts';
import { worstPower } from './fixtures/measure.ts';
import { exactly, ulpError } from './fixtures/truth.ts';
import { constantPower, power } from './power.ts';

const pow = scalarOf((g, x, y) => power(g, x, y), 2);
const byConstant = (exponent: number): ((x: number) => number) => scalarOf((g, x) => constantPower(g, x, exponent), 1);

test('x^y errs by less than 2 ulp for results of all sizes', () => {
  const { ulp, measured } = worstPower(50_000, 1000);
  expect(measured).toBeGreaterThan(1900);
  expect(ulp).toBeLessThanOrEqual(2);
});

test('x^n multiplied out errs by no more than |n| ulp', () => {
  const exponents = [-64, -63, -10, -3, -2, -1, 1, 2, 3, 4, 5, 7, 31, 63, 64];
  fc.assert(
    fc.property(fc.constantFrom(...exponents), fc.double({ min: 1e-4, max: 1e4, noNaN: true }), (exponent, x) => {
      const truth = exactly(x).pow(exponent);
      expect(ulpError(byConstant(exponent)(x), truth)).toBeLessThanOrEqual(Math.abs(exponent));
    }),
    { numRuns: 2000 },
  );
});

test('constant exponents that are not multiplied out have the bits of variable ones', () => {
  for (const exponent of [65, -65, 1.5, -0.5, 1 / 3, 1e10]) {
    const f = byConstant(exponent);
    for (const x of [0.7, 1, 3, -2, 0, -0, Number.POSITIVE_INFINITY, Number.NaN]) expect(f(x)).toEqual(pow(x, exponent));
  }
});

test('x^0.5 is the square root, x^1 is x, x^0 is 1', () => {
  fc.assert(
    fc.property(fc.double(), (x) => {
      expect(byConstant(0.5)(x)).toEqual(Math.sqrt(x));
      expect(byConstant(1)(x)).toEqual(x);
      expect(byConstant(0)(x)).toBe(1);
      expect(byConstant(-0)(x)).toBe(1);
    }),
  );
});

/** x, y and x^y in ISO C99, F.9.4.4; 1^NaN is 1 there. */
const SPECIAL = `
  0 0 1; -0 0 1; NaN 0 1; Infinity -0 1; NaN 1 NaN; 2 NaN NaN; 1 NaN NaN
  0 3 0; -0 3 -0; 0 2 0; -0 2 0; 0 0.5 0; -0 0.5 0; 0 Infinity 0; -0 Infinity 0
  0 -3 Infinity; -0 -3 -Infinity; 0 -2 Infinity; -0 -2 Infinity; 0 -0.5 Infinity; -0 -0.5 Infinity; 0 -Infinity Infinity
  1 Infinity 1; 1 -Infinity 1; -1 Infinity 1; -1 -Infinity 1; 1 1e308 1; -1 9007199254740991 -1; -1 1e300 1
  0.5 Infinity 0; 2 Infinity Infinity; -0.5 Infinity 0; -2 Infinity Infinity; 0.5 -Infinity Infinity; 2 -Infinity 0; -2 -Infinity 0
  Infinity 1 Infinity; Infinity -1 0; Infinity 0.3 Infinity; Infinity Infinity Infinity; Infinity -Infinity 0
  -Infinity 3 -Infinity; -Infinity 2 Infinity; -Infinity 2.5 Infinity; -Infinity -3 -0; -Infinity -2 0; -Infinity -2.5 0
  -8 0.5 NaN; -2 3 -8; -2 2 4; -2 -3 -0.125; -2 1.5 NaN
  2 1023 8.98846567431158e307; 2 1024 Infinity; -2 1025 -Infinity; 2 -1074 5e-324; 2 -1080 0; -2 -1081 -0; 5e-324 1 5e-324; 5e-324 -1 Infinity
`;

test("powers have the standard's values at zeros, infinities, ones, NaN and negative bases", () => {
  for (const row of SPECIAL.trim().split(/[;\n]/)) {
    const [x, y, expected] = row.trim().split(' ').map(Number);
    expect({ row, value: pow(x, y) }).toEqual({ row, value: expected });
  }
});
