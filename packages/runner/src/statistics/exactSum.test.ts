import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addExactly, addPartials, addProductExactly, canonical, exactTotal, LARGEST_SUMMAND, type Partials } from './exactSum.ts';
import { isNearest, scaled } from './fixtures/exact.ts';

/** Over all exponents alike, subnormal ones included. */
const summand = fc.double({ min: -LARGEST_SUMMAND, max: LARGEST_SUMMAND, noNaN: true });

/** Much of it cancels: numbers, their negatives, and numbers near them. */
const summands = fc.array(
  fc.oneof(
    summand.map((x) => [x]),
    summand.map((x) => [x, -x]),
    fc
      .tuple(fc.double({ min: -1e290, max: 1e290, noNaN: true }), fc.double({ min: 0.5, max: 2, noNaN: true }))
      .map(([x, factor]) => [x, -x * factor]),
    fc.double({ min: 1, max: 2, noNaN: true }).map((x) => [x]),
  ),
  { maxLength: 20 },
);

function sumOf(values: readonly number[]): Partials {
  const partials: Partials = [];
  for (const value of values) addExactly(partials, value);
  return partials;
}

describe('a sum', () => {
  test('is exact: subnormal, huge and cancelling numbers lose nothing', () => {
    fc.assert(
      fc.property(summands, (parts) => {
        const values = parts.flat();
        expect(exactTotal(sumOf(values))).toBe(values.reduce((total, value) => total + scaled(value), 0n));
      }),
      { numRuns: 1000 },
    );
  });

  test('in canonical form is the same in any order and any partition', () => {
    const cut = summands.chain((parts) => {
      const values = parts.flat();
      return fc.tuple(
        fc.constant(values),
        fc.shuffledSubarray(values, { minLength: values.length }),
        fc.array(fc.nat(values.length), { maxLength: 5 }),
      );
    });
    fc.assert(
      fc.property(cut, ([values, shuffled, cuts]) => {
        const bounds = [0, ...cuts.sort((a, b) => a - b), values.length];
        const merged: Partials = [];
        for (const [k, from] of bounds.slice(0, -1).entries()) addPartials(merged, sumOf(shuffled.slice(from, bounds[k + 1])));
        expect(canonical(merged)).toEqual(canonical(sumOf(values)));
      }),
      { numRuns: 1000 },
    );
  });

  test('in canonical form has the same total, each part the nearest float64 to what it and the smaller ones make', () => {
    fc.assert(
      fc.property(summands, (parts) => {
        const partials = sumOf(parts.flat());
        const form = canonical(partials);
        expect(exactTotal(form)).toBe(exactTotal(partials));
        expect(canonical(form)).toEqual(form);
        // Each part is the rounded total of itself and the smaller ones.
        form.forEach((part, k) => {
          expect(isNearest(part, exactTotal(form.slice(0, k + 1)), 1n << 1074n)).toBe(true);
        });
      }),
    );
  });

  test('that comes to nothing has no parts', () => {
    expect(sumOf([1e291, 1, -1e291, -1])).toEqual([]);
    expect(sumOf([-0])).toEqual([]);
  });

  test('of the largest summands stays finite in any order', () => {
    const many = [...Array(3000).fill(LARGEST_SUMMAND), Number.MIN_VALUE, ...Array(3000).fill(-LARGEST_SUMMAND)];
    expect(canonical(sumOf(many))).toEqual([Number.MIN_VALUE]);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 9.98e291, -1.7e308])('refuses %d', (value) => {
    expect(() => sumOf([1, value])).toThrow('a summand must be between -9.9e291 and 9.9e291, got');
  });
});

describe('a product', () => {
  const factor = fc.double({ min: -LARGEST_SUMMAND, max: LARGEST_SUMMAND, noNaN: true });
  const productOf = (a: number, b: number): bigint => {
    const partials: Partials = [];
    addProductExactly(partials, a, b);
    return exactTotal(partials) << 1074n;
  };

  test('is exact down to 2^-969, and below it less than 2^-1072 off', () => {
    fc.assert(
      fc.property(factor, factor, (a, b) => {
        fc.pre(Math.abs(a * b) <= LARGEST_SUMMAND);
        const error = productOf(a, b) - scaled(a) * scaled(b);
        const isExact = a === 0 || b === 0 || Math.abs(a * b) >= 2 ** -969;
        const bound = isExact ? 0n : 1n << (2148n - 1073n);
        expect(error <= bound && error >= -bound).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });

  test('is exact where both factors are near the limits of splitting', () => {
    for (const [a, b] of [
      [2 ** 970, 1],
      [2 ** 970 - 2 ** 918, 1 / 3],
      [2 ** 485 * (1 - 2 ** -53), 2 ** 485 * (1 - 2 ** -53)],
      [2 ** 969, 1 + 2 ** -52],
      [Number.MIN_VALUE, 2 ** 970],
      [2 ** -485 * (1 + 2 ** -52), 2 ** -484 * (1 + 2 ** -52)],
    ]) {
      expect(productOf(a, b)).toBe(scaled(a) * scaled(b));
    }
  });

  test.each([
    [1e146, 1e146],
    [1e300, 1e-300],
    [1e-300, -1e300],
    [Number.NaN, 1],
    [0, Number.POSITIVE_INFINITY],
  ])('of %d and %d is refused', (a, b) => {
    expect(() => productOf(a, b)).toThrow('factors and their product must be between -9.9e291 and 9.9e291');
  });
});
