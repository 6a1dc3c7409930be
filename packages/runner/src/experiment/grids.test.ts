import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Grid, gridProblem, gridSize, gridValues } from './grids.ts';

const Precise = Decimal.clone({ precision: 60 });

/** numpy 2.4.6: the call, the same grid here, and what numpy prints; numpy is some units in the last place off, so the bits are compared elsewhere. */
const NUMPY: readonly (readonly [string, Grid, readonly number[]])[] = [
  [
    'np.geomspace(1e-3, 1e-1, 7)',
    grid('geomspace', 1e-3, 1e-1, 7),
    [0.001, 0.0021544346900318843, 0.004641588833612777, 0.01, 0.021544346900318832, 0.046415888336127774, 0.1],
  ],
  ['np.geomspace(-1000, -1, 4)', grid('geomspace', -1000, -1, 4), [-1000, -100, -10, -1]],
  ['np.geomspace(2, 32, 5)', grid('geomspace', 2, 32, 5), [2, 4, 7.999999999999999, 16, 32]],
  [
    'np.linspace(0, 1, 11)',
    grid('linspace', 0, 1, 11),
    [0, 0.1, 0.2, 0.30000000000000004, 0.4, 0.5, 0.6000000000000001, 0.7000000000000001, 0.8, 0.9, 1],
  ],
  ['np.linspace(5, -5, 3)', grid('linspace', 5, -5, 3), [5, 0, -5]],
  ['np.logspace(-3, 0, 4)', grid('logspace', -3, 0, 4), [0.001, 0.01, 0.1, 1]],
  ['np.logspace(-1, 1, 5)', grid('logspace', -1, 1, 5), [0.1, 0.31622776601683794, 1, 3.1622776601683795, 10]],
  ['np.arange(0, 10, 3.3)', grid('range', 0, 10, 3.3), [0, 3.3, 6.6, 9.899999999999999]],
  ['np.arange(1, 0, -0.25)', grid('range', 1, 0, -0.25), [1, 0.75, 0.5, 0.25]],
  ['np.arange(5)', grid('range', 5), [0, 1, 2, 3, 4]],
];

function grid(name: Grid['name'], ...numbers: number[]): Grid {
  return { name, numbers };
}

describe('a grid', () => {
  test.each(NUMPY)('is %s', (_, of, expected) => {
    const values = gridValues(of);
    expect(values.length).toBe(expected.length);
    expect(Number(gridSize(of))).toBe(expected.length);
    values.forEach((value, k) => {
      expect(Math.abs(value - expected[k])).toBeLessThanOrEqual(4e-16 * Math.abs(expected[k]));
    });
  });

  test('has the numbers a person expects, to the last bit', () => {
    expect(gridValues(grid('geomspace', 1e-3, 1e-1, 7))[3]).toBe(0.01);
    expect(gridValues(grid('geomspace', 1e-6, 1, 7))).toEqual([1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1]);
    expect(gridValues(grid('geomspace', 1, 1024, 11))).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]);
    expect(gridValues(grid('linspace', 0, 1, 11))).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]);
    expect(gridValues(grid('logspace', -2, 1, 7)).filter((_, k) => k % 2 === 0)).toEqual([0.01, 0.1, 1, 10]);
    expect(gridValues(grid('range', 0, 10, 3.3))).toEqual([0, 3.3, 6.6, 9.9]);
    expect(gridValues(grid('range', 0.1, 0.4, 0.1))).toEqual([0.1, 0.2, 0.3]);
  });

  test('of few points is the double nearest to the real number (decimal.js, 60 digits)', () => {
    for (const [low, high, n] of [
      [1e-3, 1e-1, 7],
      [0.3, 7e5, 12],
      [2.5, 0.125, 33],
      [1e-200, 1e250, 6],
      [0.1, 0.11, 100],
    ]) {
      gridValues(grid('geomspace', low, high, n)).forEach((value, k) => {
        const exact = new Precise(low).times(new Precise(high).div(low).pow(new Precise(k).div(n - 1)));
        expect(value).toBe(Number(exact.toPrecision(50)));
      });
    }
  });

  test('contains the coarser grid bit by bit', () => {
    const fine = gridValues(grid('geomspace', 3e-4, 0.7, 25));
    expect(gridValues(grid('geomspace', 3e-4, 0.7, 13))).toEqual(fine.filter((_, k) => k % 2 === 0));
  });

  test('reaches both ends exactly, is strictly monotone and as long as counted', () => {
    const ends = fc.double({ min: 1e-12, max: 1e12, noNaN: true });
    fc.assert(
      fc.property(ends, ends, fc.integer({ min: 2, max: 40 }), fc.constantFrom('linspace' as const, 'geomspace' as const), (low, high, n, name) => {
        fc.pre(Math.abs(high - low) > 1e-9 * Math.max(low, high));
        const values = gridValues(grid(name, low, high, n));
        expect(values.length).toBe(n);
        expect([values[0], values[n - 1]]).toEqual([low, high]);
        values.slice(1).forEach((value, k) => {
          expect(Math.sign(value - values[k])).toBe(Math.sign(high - low));
        });
      }),
    );
  });

  test('over the whole range of doubles is quick', () => {
    const start = process.hrtime.bigint();
    expect(gridValues(grid('geomspace', 1e-300, 1e300, 7))).toEqual([1e-300, 1e-200, 1e-100, 1, 1e100, 1e200, 1e300]);
    gridValues(grid('geomspace', 1e-300, 1e300, 258));
    gridValues(grid('geomspace', 1e-300, 1e300, 5000));
    expect(Number(process.hrtime.bigint() - start) / 1e9).toBeLessThan(5);
  });

  test.each([
    [grid('geomspace', 0, 1, 3), 'above 0'],
    [grid('geomspace', -1, 1, 3), 'different signs'],
    [grid('geomspace', 1, 1, 3), 'must differ'],
    [grid('linspace', 0, 1, 2.5), 'whole number'],
    [grid('linspace', 0, 1, 0), 'at least 1'],
    [grid('linspace', 0, 1), '2 arguments'],
    [grid('logspace', -400, 1, 3), 'from -300 to 300'],
    [grid('range', 0, 1, 0), 'must not be'],
    [grid('range', 1, 0), 'empty'],
    [grid('range', 1, 2, 3, 4), '4 arguments'],
  ])('%j is refused', (of, message) => {
    expect(gridProblem(of)).toContain(message);
  });
});
