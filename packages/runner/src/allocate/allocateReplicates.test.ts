import { describe, expect, test } from 'vitest';
import { allocateReplicates, type TargetReplicates } from './allocateReplicates.ts';
import type { Interval } from './neededReplicates.ts';

const TARGET: TargetReplicates = { kind: 'target', target: 0.05, level: 0.95, min: 32, max: 100_000 };

const around = (estimate: number, half: number, systematic = 0): Interval => ({ estimate, low: estimate - half, high: estimate + half, systematic });
const next = (count: number, intervals: Readonly<Record<string, Interval>>, target: Partial<TargetReplicates> = {}) =>
  allocateReplicates({ count, intervals }, { ...TARGET, ...target });

describe('a cell', () => {
  test('stays where every interval is tight, be it exactly', () => {
    expect(next(500, { a: around(-2, 0.125), b: around(0, 0) }, { target: 0.0625 })).toEqual({ count: 500, unreached: [] });
  });

  test('goes to what its interval is predicted to need, from below while the prediction is uncertain, and whole when it is near', () => {
    // Twice too wide: four times as many, of which 1 - 2√(2/n) are taken.
    expect(next(20_000, { a: around(1, 0.125) }, { target: 0.0625 }).count).toBe(78_400);
    expect(next(1000, { a: around(1, 0.052) }).count).toBe(1082);
    expect(next(1000, { a: around(1, 0.0501) }).count).toBe(1050);
  });

  test('grows fourfold at most in one step, and never beyond the most', () => {
    expect(next(100, { a: around(1, 0.5) }).count).toBe(400);
    expect(next(60_000, { a: around(1, 0.06) }, { max: 80_000 }).count).toBe(80_000);
  });

  test('counts only the part of its interval that replicates reduce', () => {
    // 0.05 are allowed, 0.03 of them systematic: the rest, 0.0206, must become 0.02.
    expect(next(1000, { a: around(1, 0.0506, 0.03) }).count).toBe(Math.ceil(1000 * (0.0206 / 0.02) ** 2));
  });

  test('follows the metric that needs most, of those asked for', () => {
    const intervals = { easy: around(1, 0.01), hard: around(1, 0.5) };
    expect(next(100, intervals).count).toBe(400);
    expect(next(100, intervals, { metrics: ['easy'] }).count).toBe(100);
  });

  test('without an estimate grows, as there may be one with more', () => {
    expect(next(100, {}, { metrics: ['a'] })).toEqual({ count: 400, unreached: [] });
    expect(next(100, {})).toEqual({ count: 400, unreached: [] });
  });
});

describe('a metric out of reach', () => {
  test('takes no replicates, is named with the reason, and does not hold up the others', () => {
    const zero = around(0.001, 0.01);
    const systematic = around(1, 0.2, 0.1);
    const found = next(50_000, { zero, systematic, fine: around(1, 0.01) });
    expect(found.count).toBe(50_000);
    expect(found.unreached.map(({ metric }) => metric)).toEqual(['zero', 'systematic']);
    expect(found.unreached[0].why).toContain('an estimate of at most 0.0110 in size needs about');
    expect(found.unreached[1].why).toBe('its systematic error 0.100 alone is more than it may be off');
    expect(next(50_000, { zero, hard: around(1, 0.06) }).count).toBeGreaterThan(50_000);
  });

  test('is not given up while its estimate is noise that may hide one within reach', () => {
    expect(next(32, { a: around(0.1, 1) })).toEqual({ count: 128, unreached: [] });
  });

  test('is named when the most replicates are spent', () => {
    const why = 'not tight with the most replicates, 1000';
    const intervals = { a: around(1, 0.0501) };
    expect(next(1000, intervals, { max: 1000, metrics: ['a', 'b'] })).toEqual({
      count: 1000,
      unreached: [
        { metric: 'a', why },
        { metric: 'b', why },
      ],
    });
  });
});
