import { type MomentsLayout, momentsAccumulator } from '@ergoflow/runner';
import { assertCoverage, uniforms } from '@ergoflow/testing';
import { describe, expect, test } from 'vitest';
import { normalQuantile, studentQuantile } from '../quantiles.ts';
import { BATCHES, BOUNDS, checkLayout, estimateError, halvings, type Laid, PERTURBATIONS, pairLayout, type Quantity } from './estimate.ts';

const WEAK: Quantity = { observable: 'f', control: null, root: false, stepOrder: 1 };
const CONTROLLED: Quantity = { ...WEAK, control: 'c' };
const STRONG: Quantity = { ...WEAK, root: true };

/** Moments of replicates, one row of the layout's observables each. */
function laid(layout: MomentsLayout, rows: readonly (readonly number[])[]): Laid {
  const accumulator = momentsAccumulator(layout);
  for (const row of rows) accumulator.add(Float64Array.from(row));
  return { moments: accumulator.record(), layout };
}

const mainOf = (rows: readonly (readonly [number, number])[]): Laid => laid(pairLayout(['f'], new Map([['f', 'c']])), rows);
const checkOf = (rows: readonly (readonly number[])[]): Laid => laid(checkLayout(['f'], []), rows);
const same = <T>(row: T, count = 4): T[] => Array.from({ length: count }, () => row);

/** Estimates from an expansion without noise, at step 1. */
function expanded(f: (h: number) => number, quantity: Quantity) {
  const estimate = estimateError(mainOf(same([f(1), 0])), checkOf(same([f(1), f(1 / 2), f(1 / 4)])), quantity, 0.95);
  if (estimate === null) throw new Error('there must be an estimate');
  return estimate;
}

describe('the bias of the step', () => {
  test.each([
    ['h and h²', 1, (h: number) => 3 + 0.7 * h - 0.4 * h ** 2],
    ['h alone', 1, (h: number) => 3 - 0.2 * h],
    ['h² alone, as for a scheme of weak order 2', 1, (h: number) => 3 - 0.2 * h ** 2],
    ['√h and h', 0.5, (h: number) => 3 + 0.7 * h ** 0.5 - 0.4 * h],
  ])('is taken off exactly where it consists of %s', (_, stepOrder, f) => {
    const { estimate, atStep, budget, standardError } = expanded(f, { ...WEAK, stepOrder });
    expect(estimate).toBeCloseTo(3, 12);
    expect(atStep).toBe(f(1));
    expect(budget.step).toBeCloseTo(Math.abs(f(1) - 3), 12);
    expect(standardError).toBeCloseTo(0, 12);
  });

  test('is that of the root for a root mean square', () => {
    const { estimate } = expanded((h) => (3 + 0.7 * h - 0.4 * h ** 2) ** 2, STRONG);
    expect(estimate).toBeCloseTo(3, 12);
  });

  test.each([0.1, 0.3, 0.5, -0.3])('leaves no more than it says of a bias that goes on like a geometric series of ratio %d', (ratio) => {
    const { estimate, systematic } = expanded((h) => 3 / (1 - ratio * h), WEAK);
    expect(Math.abs(estimate - 3)).toBeLessThan(systematic);
    // And says no more than ten times what it leaves.
    expect(Math.abs(estimate - 3)).toBeGreaterThan(0.1 * systematic);
  });
});

describe('a control', () => {
  test('is taken off with the coefficient of the regression', () => {
    const rows: [number, number][] = [
      [1, 0.5],
      [2, -0.5],
      [4, 1],
      [3, 2],
      [0, -1],
    ];
    const estimate = estimateError(mainOf(rows), checkOf(same([0, 0, 0])), CONTROLLED, 0.95);
    const [f, c] = [rows.map(([value]) => value), rows.map(([, value]) => value)];
    const mean = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0) / values.length;
    const beta = mean(f.map((value, k) => (value - mean(f)) * (c[k] - mean(c)))) / mean(c.map((value) => (value - mean(c)) ** 2));
    expect(estimate?.estimate).toBeCloseTo(mean(f) - beta * mean(c), 12);
    const residuals = f.map((value, k) => value - mean(f) - beta * (c[k] - mean(c)));
    // Five replicates, two fitted numbers.
    expect(estimate?.standardError).toBeCloseTo(Math.sqrt(residuals.reduce((total, value) => total + value ** 2, 0) / 3 / 5), 12);
  });

  test('that does not vary changes nothing', () => {
    const rows: [number, number][] = [
      [1, 0],
      [2, 0],
      [5, 0],
    ];
    const check = checkOf(same([0, 0, 0]));
    expect(estimateError(mainOf(rows), check, CONTROLLED, 0.95)).toEqual(estimateError(mainOf(rows), check, WEAK, 0.95));
  });
});

describe('the interval', () => {
  // False-alarm rate 1e-6 each; a coverage of 0.87 would be seen.
  const power = { detects: 0.08 };
  const SETS = 1500;
  const [MAIN, CHECK] = [100, 30];

  /** Normals by name, so many for each data set. */
  function normals(name: string, each: number): (set: number, k: number) => number {
    const random = uniforms(name, SETS * each);
    return (set, k) => normalQuantile(random[set * each + k]);
  }

  test.each([
    ['a difference with a control', CONTROLLED],
    ['a difference without', WEAK],
  ])('of %s holds its mean as often as it says', (name, quantity) => {
    const z = normals(name, 2 * MAIN + 2 * CHECK);
    const intervals = Array.from({ length: SETS }, (_, set) => {
      // f = 1 at h → 0, biased by 0.3 h: most of its noise is in the control, and most of what is left common to the steps.
      const main = mainOf(Array.from({ length: MAIN }, (_row, k) => [1.3 + 2 * z(set, 2 * k) + z(set, 2 * k + 1), z(set, 2 * k)]));
      const check = checkOf(
        Array.from({ length: CHECK }, (_row, k) => {
          const [common, own] = [z(set, 2 * MAIN + 2 * k), z(set, 2 * MAIN + 2 * k + 1)];
          return [1.3 + common + 0.1 * own, 1.15 + common + 0.05 * own, 1.075 + common];
        }),
      );
      return estimateError(main, check, quantity, 0.95) ?? { low: Number.NaN, high: Number.NaN };
    });
    assertCoverage(intervals, 1, 0.95, power, 'atLeast');
  });

  test('of a root mean square of normals holds it as often as it says, at a hundred replicates', () => {
    const z = normals('squares', MAIN + CHECK);
    const intervals = Array.from({ length: SETS }, (_, set) => {
      const main = mainOf(Array.from({ length: MAIN }, (_row, k) => [z(set, k) ** 2, 0]));
      const check = checkOf(
        Array.from({ length: CHECK }, (_row, k) => {
          const square = z(set, MAIN + k) ** 2;
          return [square, square, square];
        }),
      );
      return estimateError(main, check, STRONG, 0.95) ?? { low: Number.NaN, high: Number.NaN };
    });
    assertCoverage(intervals, 1, 0.95, power, 'atLeast');
  });

  test('is the sum of its budget, and not below 0 for a root', () => {
    const rows: [number, number][] = [
      [4, 0],
      [4.1, 0],
      [3.9, 0],
      [4, 0],
    ];
    const result = estimateError(mainOf(rows), checkOf(same([4, 4.02, 4.025])), WEAK, 0.95);
    if (result === null) throw new Error('there must be an estimate');
    const half = (result.high - result.low) / 2;
    expect(half).toBeCloseTo(result.budget.monteCarlo + result.systematic, 12);
    const layout = checkLayout(['f'], PERTURBATIONS);
    const moved = laid(layout, same([4, 4, 4, ...BATCHES.map(() => 400), 4, 4]));
    const root = estimateError(mainOf(rows), moved, STRONG, 0.95);
    expect(root?.low).toBe(0);
  });
});

test('the reference counts by the squares of its batches, with their number of degrees of freedom, and by the sum of its bounds', () => {
  const effects = BATCHES.map((_, k) => 0.01 * (k - 3));
  const bounds = BOUNDS.map((_, k) => -0.02 * (k + 1));
  const layout = checkLayout(['f'], PERTURBATIONS);
  const check = laid(layout, same([1, 1, 1, ...[...effects, ...bounds].map((effect) => 1 + effect)]));
  const result = estimateError(mainOf(same([1, 0])), check, WEAK, 0.99);
  const root = Math.sqrt(effects.reduce((total, effect) => total + effect ** 2, 0));
  expect(result?.budget.reference).toBeCloseTo(studentQuantile(0.995, 7) * root + 0.06, 12);
  expect(result?.systematic).toBeCloseTo(result?.budget.reference as number, 12);
});

test('is not made from two replicates', () => {
  const two = mainOf(same([1, 0], 2));
  const three = mainOf(same([1, 0], 3));
  expect(estimateError(two, checkOf(same([1, 1, 1])), WEAK, 0.95)).toBeNull();
  expect(estimateError(three, checkOf(same([1, 1, 1], 2)), WEAK, 0.95)).toBeNull();
  expect(estimateError(three, checkOf(same([1, 1, 1], 3)), WEAK, 0.95)).not.toBeNull();
});

test('halved steps have the same weights in every version of V8', () => {
  // 1/√2 and 2^-3/2 to the last bit, which V8's own powers miss in some versions.
  expect(halvings(0.5)).toEqual({ s: 0.7071067811865476, t: 0.5 });
  expect(halvings(1)).toEqual({ s: 0.5, t: 0.25 });
  expect(halvings(1.5)).toEqual({ s: 0.3535533905932738, t: 0.125 });
});
