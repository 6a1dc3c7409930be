import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isNearest, scaled } from './fixtures/exact.ts';
import { mergeMoments } from './mergeMoments.ts';
import { covariance, type MomentsLayout, type MomentsRecord, mean, mergeRecords, momentsAccumulator, variance } from './moments.ts';

const LAYOUT: MomentsLayout = {
  names: ['a', 'b'],
  pairs: [
    [0, 0],
    [1, 0],
  ],
};

function momentsOf(rows: readonly (readonly number[])[], layout = LAYOUT): MomentsRecord {
  const accumulator = momentsAccumulator(layout);
  for (const row of rows) accumulator.add(Float64Array.from(row));
  return accumulator.record();
}

/** Σ(a - ā)(b - b̄)·n²·2^2148 by its definition, in whole numbers. */
function centredSum(rows: readonly (readonly number[])[], i: number, j: number): bigint {
  const n = BigInt(rows.length);
  const totals = [i, j].map((k) => rows.reduce((total, row) => total + scaled(row[k]), 0n));
  return rows.reduce((total, row) => total + (n * scaled(row[i]) - totals[0]) * (n * scaled(row[j]) - totals[1]), 0n);
}

const value = fc.oneof(
  fc.double({ min: -1e140, max: 1e140, noNaN: true }).map((x) => (Math.abs(x) < 1e-140 ? 0 : x)),
  fc.double({ min: 1e8, max: 1e8 + 1, noNaN: true }),
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom(0, -0),
);
const rows = fc.array(fc.tuple(value, value), { minLength: 2, maxLength: 30 });

describe('moments', () => {
  test('mean, variance and covariance are the nearest float64 to their definition', () => {
    fc.assert(
      fc.property(rows, (all) => {
        const record = momentsOf(all);
        const n = BigInt(all.length);
        const total = all.reduce((sum, row) => sum + scaled(row[0]), 0n);
        expect(isNearest(mean(record, LAYOUT, 'a'), total, n << 1074n)).toBe(true);
        const denominator = (n * n * (n - 1n)) << 2148n;
        expect(isNearest(variance(record, LAYOUT, 'a'), centredSum(all, 0, 0), denominator)).toBe(true);
        expect(isNearest(covariance(record, LAYOUT, 'a', 'b'), centredSum(all, 0, 1), denominator)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('are those of the replicates, in whatever order and whatever parts they were merged, to the last bit of the record', () => {
    const cut = rows.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }), fc.array(fc.nat(all.length), { maxLength: 5 }), fc.boolean()),
    );
    fc.assert(
      fc.property(cut, ([all, shuffled, cuts, isNested]) => {
        const bounds = [0, ...cuts.sort((a, b) => a - b), all.length];
        // As a log keeps them, which turns -0 into 0.
        const parts = bounds
          .slice(0, -1)
          .map((from, k) => JSON.parse(JSON.stringify(momentsOf(shuffled.slice(from, bounds[k + 1])))) as MomentsRecord);
        const merged = isNested ? mergeRecords([mergeRecords(parts.slice(0, 1)), ...parts.slice(1)]) : mergeRecords(parts);
        expect(merged).toEqual(momentsOf(all));
      }),
      { numRuns: 500 },
    );
  });

  test('hold least and largest values, with one zero', () => {
    const { minima, maxima } = momentsOf([
      [0, -5],
      [-0, 7],
    ]);
    expect(minima).toEqual([0, -5]);
    expect(maxima).toEqual([0, 7]);
  });

  test('keep a variance that cancels in float64', () => {
    const record = momentsOf([1e8 + 1, 1e8 + 2, 1e8 + 3].map((x) => [x, 1e140]));
    expect(variance(record, LAYOUT, 'a')).toBe(1);
    expect(mean(record, LAYOUT, 'b')).toBe(1e140);
  });

  test('of equal values too small to be squared have variance 0, and never a negative one', () => {
    for (const x of [1e-150, 3e-155, 1.5e-160, 1.2345e-161, 1e-170, 5e-324]) {
      expect(variance(momentsOf([x, x, x].map((a) => [a, 0])), LAYOUT, 'a')).toBeGreaterThanOrEqual(0);
      expect(variance(momentsOf([x, x, x].map((a) => [a, 0])), LAYOUT, 'a')).toBeLessThanOrEqual(2 ** -1071);
    }
  });

  test('of no replicates have no mean, of fewer than two no variance', () => {
    const none = momentsOf([]);
    expect(none).toEqual({ count: 0, sums: [[], []], products: [[], []], minima: [], maxima: [] });
    expect(mean(none, LAYOUT, 'a')).toBeNaN();
    expect(variance(none, LAYOUT, 'a')).toBeNaN();
    expect(variance(momentsOf([[1, 2]]), LAYOUT, 'a')).toBeNaN();
    expect(mergeRecords([none, momentsOf([[1, 2]]), none])).toEqual(momentsOf([[1, 2]]));
    expect(mergeRecords([none, none])).toEqual(none);
  });

  test('refuse values that are not finite or too large, products that are not listed, names that are not there, other layouts', () => {
    expect(() => momentsOf([[Number.NaN, 0]])).toThrow('a summand must be');
    expect(() => momentsOf([[1, Number.POSITIVE_INFINITY]])).toThrow('a summand must be');
    expect(() => momentsOf([[1e200, 0]])).toThrow('factors and their product must be');
    expect(() => momentsOf([[1]])).toThrow('a summand must be');
    expect(() =>
      variance(
        momentsOf([
          [1, 1],
          [2, 2],
        ]),
        LAYOUT,
        'b',
      ),
    ).toThrow('the product of b and b must be listed in the layout');
    expect(() => mean(momentsOf([[1, 1]]), LAYOUT, 'c')).toThrow('the layout must have the observable c; it has a, b');
    const other = momentsOf([[1]], { names: ['a'], pairs: [] });
    expect(() => mergeRecords([momentsOf([]), other])).toThrow('moments must have 2 observables and 2 products, got 1 and 0');
  });
});

test('moments by name are merged name by name, whichever parts have them, names in order', () => {
  const [one, two] = [momentsOf([[1, 2]]), momentsOf([[3, 4]])];
  const merged = mergeMoments([{ z: one, constructor: two }, {}, { z: two }]);
  expect(merged).toEqual({
    constructor: two,
    z: momentsOf([
      [1, 2],
      [3, 4],
    ]),
  });
  expect(Object.keys(merged)).toEqual(['constructor', 'z']);
});
