import { assertCorrelation, assertDistribution } from '@ergoflow/testing';
import { describe, expect, test } from 'vitest';
import { type Design, designCoordinates, independentDraws, quantile } from './designs.ts';
import { expanded, valuesOf } from './fixtures/study.ts';
import { sobolCoordinate } from './sobol.ts';

/** scipy 1.17.1: qmc.Sobol(21, scramble=False).random(8192), rows 8191 and 5000, times 2^30. */
const ROW_8191 = [
  131072, 572653568, 538574848, 503447552, 916586496, 665976832, 295567360, 747241472, 640286720, 812515328, 308412416, 327811072, 906100736,
  939655168, 153223168, 191496192, 78249984, 54132736, 921305088, 1016987648, 629014528,
];
const ROW_5000 = [
  211156992, 279838720, 231604224, 442892288, 1006501888, 1059979264, 908722176, 714997760, 452853760, 1062862848, 384172032, 617480192, 760086528,
  525729792, 802553856, 569769984, 449183744, 609615872, 806748160, 775028736, 855244800,
];

/** The same, first 8 rows and 4 columns. */
const FIRST = [
  [0, 0, 0, 0],
  [0.5, 0.5, 0.5, 0.5],
  [0.75, 0.25, 0.25, 0.25],
  [0.25, 0.75, 0.75, 0.75],
  [0.375, 0.375, 0.625, 0.875],
  [0.875, 0.875, 0.125, 0.375],
  [0.625, 0.125, 0.875, 0.625],
  [0.125, 0.625, 0.375, 0.125],
];

const design = (kind: Design['kind'], points: number, unscrambled = false): Design => ({ kind, points, unscrambled });

describe('Sobol points', () => {
  test('are those of scipy in all 21 dimensions', () => {
    const columns = ROW_8191.map((_, dimension) => sobolCoordinate(dimension, 8192));
    expect(columns.map((column) => column[8191] / 4)).toEqual(ROW_8191);
    expect(columns.map((column) => column[5000] / 4)).toEqual(ROW_5000);
    expect(FIRST.map((_, k) => columns.slice(0, 4).map((column) => column[k] / 2 ** 32))).toEqual(FIRST);
  });

  test('shifted by the seed, still have one point in each of 64 equal cells, and none on an edge', () => {
    for (const seed of [1, 2]) {
      const u = designCoordinates(design('sobol', 64), seed, 'a', 3);
      expect(new Set(u.map((x) => Math.floor(64 * x))).size).toBe(64);
      expect(u.every((x) => x > 0 && x < 1)).toBe(true);
    }
    expect(designCoordinates(design('sobol', 4), 1, 'a', 0)).not.toEqual(designCoordinates(design('sobol', 4), 2, 'a', 0));
  });
});

describe('a design', () => {
  test('lhs has one point in each of n equal cells', () => {
    const u = designCoordinates(design('lhs', 1000), 5, 'a', 0);
    expect(new Set(u.map((x) => Math.floor(1000 * x))).size).toBe(1000);
  });

  test('keeps the points of an axis when another axis joins', () => {
    for (const sample of ['lhs(16)', 'random(16)', 'sobol(16)']) {
      const columnOf = (axes: string): unknown[] => expanded(`${axes}\nsample: ${sample}`).cells.map(({ axes: { a } }) => a);
      expect(columnOf('a: uniform(0, 1)\nb: uniform(0, 1)')).toEqual(columnOf('a: uniform(0, 1)'));
    }
  });

  test('random keeps its first points when there are more', () => {
    expect(independentDraws(3, 'a', 100).slice(0, 40)).toEqual(independentDraws(3, 'a', 40));
  });

  test('depends on the seed and on the name', () => {
    const first = independentDraws(3, 'a', 4);
    expect(independentDraws(4, 'a', 4)).not.toEqual(first);
    expect(independentDraws(3, 'b', 4)).not.toEqual(first);
  });

  test('draws independent uniform numbers: their law, one after the other, and axis against axis', () => {
    const u = independentDraws(11, 'a', 20_000);
    const v = independentDraws(11, 'b', 20_000);
    assertDistribution(u, (x) => x, { detects: 0.04 });
    assertCorrelation(u.slice(1), u.slice(0, -1), 0, { detects: 0.07 });
    assertCorrelation(u, v, 0, { detects: 0.07 });
    expect(u.every((x) => x > 0 && x < 1)).toBe(true);
  });

  test('lhs is uniform within its cells, which are in an order that knows nothing of another axis', () => {
    const [u, v] = ['a', 'b'].map((axis) => designCoordinates(design('lhs', 20_000), 11, axis, 0));
    const within = u.map((x) => 20_000 * x - Math.floor(20_000 * x));
    assertDistribution(within, (x) => x, { detects: 0.04 });
    assertCorrelation(u, v, 0, { detects: 0.07 });
    assertCorrelation(u.slice(1), u.slice(0, -1), 0, { detects: 0.07 });
  });

  test('gives values of the laws that are written', () => {
    assertDistribution(valuesOf('uniform(-2, 6, 20000)') as number[], (x) => (x + 2) / 8, { detects: 0.04 });
    assertDistribution(valuesOf('loguniform(1e-3, 1e-1, 20000)') as number[], (x) => Math.log(x / 1e-3) / Math.log(100), { detects: 0.04 });
  });

  test('stretches to its distribution', () => {
    expect(quantile({ name: 'uniform', low: -2, high: 6 }, 0.25)).toBe(0);
    expect(quantile({ name: 'loguniform', low: 1e-3, high: 1e-1 }, 0.5)).toBeCloseTo(1e-2, 16);
    expect(quantile({ name: 'loguniform', low: 1e-300, high: 1e300 }, 0.5)).toBeCloseTo(1, 12);
  });
});
