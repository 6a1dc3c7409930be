import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isNearest, neighbour, scaled } from './fixtures/exact.ts';
import { bitLength, bitsOf, doubleOf, roundFraction } from './roundFraction.ts';

const ONE = 1n << 1074n;
const finite = fc.double({ noNaN: true, noDefaultInfinity: true });

describe('a rounded fraction', () => {
  test('of two whole numbers below 2^53 is their quotient by IEEE 754', () => {
    const whole = fc.maxSafeInteger();
    fc.assert(
      fc.property(whole, fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (n, d) => {
        expect(roundFraction(BigInt(n), BigInt(d))).toBe(n / d + 0);
      }),
      { numRuns: 2000 },
    );
  });

  test('has no nearer float64, for whole numbers of up to 2100 bits', () => {
    const bits = fc.integer({ min: 0, max: 2100 }).chain((n) => fc.bigInt({ min: -(1n << BigInt(n)), max: 1n << BigInt(n) }));
    const positive = fc.integer({ min: 1, max: 2100 }).chain((n) => fc.bigInt({ min: 1n, max: 1n << BigInt(n) }));
    fc.assert(
      fc.property(bits, positive, (n, d) => {
        expect(isNearest(roundFraction(n, d), n, d)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test('of a float64 is that float64, subnormal and largest ones too', () => {
    fc.assert(
      fc.property(finite, (x) => {
        expect(roundFraction(scaled(x), ONE)).toBe(x + 0);
      }),
      { numRuns: 1000 },
    );
  });

  test('halfway between two float64 is the even one, and a hair decides', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: -1.7e308, max: 1.7e308 }), (x) => {
        const next = neighbour(x, 1);
        const middle = scaled(x) + scaled(next);
        const even = (bitsOf(x) & 1n) === 0n ? x : next;
        expect(roundFraction(middle, 2n * ONE)).toBe(even + 0);
        expect(roundFraction((middle << 3000n) + 1n, (2n * ONE) << 3000n)).toBe(next + 0);
        expect(roundFraction((middle << 3000n) - 1n, (2n * ONE) << 3000n)).toBe(x + 0);
      }),
      { numRuns: 500 },
    );
  });

  test('is 0 below half of the least float64, and infinite from the middle of the largest and 2^1024', () => {
    expect(roundFraction(1n, 1n << 1075n)).toBe(0);
    expect(roundFraction(-1n, 1n << 1075n)).toBe(0);
    expect(roundFraction((1n << 64n) + 1n, 1n << 1139n)).toBe(Number.MIN_VALUE);
    const middle = (1n << 1024n) - (1n << 970n);
    expect(roundFraction(middle, 1n)).toBe(Number.POSITIVE_INFINITY);
    expect(roundFraction(-middle, 1n)).toBe(Number.NEGATIVE_INFINITY);
    expect(roundFraction(middle - 1n, 1n)).toBe(Number.MAX_VALUE);
    expect(roundFraction(1n << 4000n, 1n)).toBe(Number.POSITIVE_INFINITY);
  });
});

test('bits of a float64 and back are the same number', () => {
  fc.assert(fc.property(finite, (x) => Object.is(doubleOf(bitsOf(x)), x)));
});

test('the length of a whole number is that of its binary digits', () => {
  fc.assert(fc.property(fc.bigInt({ min: 1n, max: 1n << 200n }), (x) => bitLength(x) === x.toString(2).length));
});
