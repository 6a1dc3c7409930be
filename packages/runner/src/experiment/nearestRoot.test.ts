import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isNearest, neighbour, scaled } from '../statistics/fixtures/exact.ts';
import { nearestRoot } from './nearestRoot.ts';
import { rationalOf } from './rational.ts';

const decimal = fc.double({ min: 1e-30, max: 1e30, noNaN: true });

test('the root of a product of powers lies between the middles to its neighbours, by exact powers', () => {
  fc.assert(
    fc.property(decimal, decimal, fc.integer({ min: 2, max: 12 }), fc.integer({ min: 1, max: 11 }), (low, high, q, p) => {
      fc.pre(p < q);
      const [from, to] = [rationalOf(low), rationalOf(high)];
      const root = nearestRoot(
        [
          [from, q - p],
          [to, p],
        ],
        q,
        low,
      );
      // (2x ± an ulp)^q against 2^q·low^(q-p)·high^p, everything times 2^1074q and the denominators.
      const product = (from.n ** BigInt(q - p) * to.n ** BigInt(p)) << BigInt(1075 * q);
      const denominator = from.d ** BigInt(q - p) * to.d ** BigInt(p);
      const twice = (direction: 1 | -1): bigint => (scaled(root) + scaled(neighbour(root, direction))) ** BigInt(q) * denominator;
      expect(twice(-1) <= product && product <= twice(1)).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test('the first root is the nearest double, a tie the even one', () => {
  fc.assert(
    fc.property(decimal, (x) => {
      const { n, d } = rationalOf(x);
      expect(isNearest(nearestRoot([[{ n, d }, 1]], 1, 1), n, d)).toBe(true);
    }),
  );
  // 10^23 lies in the middle of two doubles, of which 1e23 is the even one: as a power, as a square root, and from near values on both sides.
  const ten = { n: 10n, d: 1n };
  for (const near of [9e22, 1e23, 1.1e23]) {
    expect(nearestRoot([[ten, 23]], 1, near)).toBe(1e23);
    expect(nearestRoot([[ten, 46]], 2, near)).toBe(1e23);
  }
});

test('negative exponents divide', () => {
  expect(nearestRoot([[{ n: 10n, d: 1n }, -4]], 2, 1)).toBe(0.01);
  expect(nearestRoot([[{ n: 1n, d: 10n }, -300]], 1, 1e299)).toBe(1e300);
});
