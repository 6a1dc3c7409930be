import fc from 'fast-check';
import { expect, test } from 'vitest';
import { roundFraction } from '../statistics/roundFraction.ts';
import { minus, plus, type Rational, rationalOf, times } from './rational.ts';

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const small = fc.tuple(fc.integer({ min: -999, max: 999 }), fc.integer({ min: 1, max: 999 }));
const asRational = ([n, d]: readonly [number, number]): Rational => ({ n: BigInt(n), d: BigInt(d) });

test('the decimal of a double, rounded, is that double; it is the shortest that is', () => {
  fc.assert(
    fc.property(finite, (x) => {
      const { n, d } = rationalOf(x);
      expect(roundFraction(n, d)).toBe(x + 0);
    }),
    { numRuns: 1000 },
  );
  expect(rationalOf(0.1)).toEqual({ n: 1n, d: 10n });
  expect(rationalOf(-2.5e-7)).toEqual({ n: -1n, d: 4000000n });
  expect(rationalOf(1e23)).toEqual({ n: 10n ** 23n, d: 1n });
  expect(rationalOf(-0)).toEqual({ n: 0n, d: 1n });
});

test('sums, differences and products are exact and in lowest terms', () => {
  fc.assert(
    fc.property(small, small, (x, y) => {
      const [a, b] = [asRational(x), asRational(y)];
      for (const [result, n] of [
        [plus(a, b), a.n * b.d + b.n * a.d],
        [minus(a, b), a.n * b.d - b.n * a.d],
      ] as const) {
        expect(result.n * a.d * b.d).toBe(n * result.d);
        expect(result.d > 0n).toBe(true);
        for (const prime of [2n, 3n, 5n, 7n, 11n, 13n, 17n, 19n, 23n, 29n, 31n])
          expect(result.n % prime === 0n && result.d % prime === 0n).toBe(false);
      }
      const product = times(a, b);
      expect(product.n * a.d * b.d).toBe(a.n * b.n * product.d);
    }),
  );
});
