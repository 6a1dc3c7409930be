import {
  assertCellDistribution,
  assertCells,
  assertDistribution,
  assertMean,
  assertProportion,
  type RunningSummary,
  runningSummary,
} from '@ergoflow/testing';
import { beforeAll, describe, test } from 'vitest';
import { drawsOf } from './fixtures/draws.ts';
import { normalCdf, normalMoment, twoSidedTail } from './fixtures/normalLaw.ts';

/** 10^8 draws: 100 blocks of 100 replicates with 10^4 draws each. */
const [BLOCKS, LANES, PER_LANE] = [100, 100, 10_000];
const TOTAL = BLOCKS * LANES * PER_LANE;
const LAGS = [1, 2, 3, 4, 7, 64];

describe('a hundred million normals', () => {
  // What is detected: 9.65·√(E z²ᵏ - (E zᵏ)²)/10^4.
  const moments = [0.001, 0.0014, 0.0038, 0.0095, 0.03, 0.098, 0.36, 1.4].map((detects) => ({ detects, powers: runningSummary() }));
  const tails = [0.002, 0.005, 0.021, 0.14, 1.9, 148].map((relative) => ({ relative, count: 0 }));
  const pairs = LAGS.map((lag) => ({ lag, products: runningSummary(), squares: runningSummary() }));
  const neighbours = runningSummary();

  beforeAll(() => {
    for (let block = 0; block < BLOCKS; block++) {
      const z = drawsOf([7, 'slow'], block * LANES, LANES, PER_LANE);
      for (const x of z) {
        let power = x;
        for (const { powers } of moments) {
          powers.add(power);
          power *= x;
        }
        for (let k = 0; k < tails.length && Math.abs(x) > k + 1; k++) tails[k].count++;
      }
      for (const { lag, products, squares } of pairs) addPairs(z, lag * LANES, products, squares);
      for (let k = 0; k + 1 < z.length; k += 2) neighbours.add(z[k] * z[k + 1]);
    }
  }, 600_000);

  for (const [index, { detects, powers }] of moments.entries()) {
    test(`have moment ${index + 1} of the normal law within ${detects}`, () => {
      assertMean(powers.summary(), normalMoment(index + 1), { detects });
    });
  }

  for (const [index, tail] of tails.entries()) {
    test(`lie beyond ±${index + 1} with the normal law's probability, within ${tail.relative} of it`, () => {
      const expected = twoSidedTail(index + 1);
      assertProportion(tail.count, TOTAL, expected, { detects: tail.relative * expected });
    });
  }

  for (const { lag, products, squares } of pairs) {
    test(`are not correlated at lag ${lag} within a stream, nor are their squares`, () => {
      assertMean(products.summary(), 0, { detects: 0.001 });
      // (z² - 1)(w² - 1) has deviation 2.
      assertMean(squares.summary(), 0, { detects: 0.002 });
    });
  }

  test('are not correlated between neighbouring replicates', () => {
    assertMean(neighbours.summary(), 0, { detects: 0.0014 });
  });
});

describe('a thousand million normals', () => {
  // 1000 blocks of 1024 replicates with 1000 draws each, counted into cells of width 2^-12 from -8 to 8.
  const counts = new Float64Array(2 ** 16);
  const ends = Array.from({ length: 2 ** 16 + 1 }, (_, k) => k / 4096 - 8);
  const below = ends.map((end, k) => (k === 0 ? 0 : k === 2 ** 16 ? 1 : normalCdf(end)));
  const total = 1000 * 1024 * 1000;

  beforeAll(() => {
    for (let block = 0; block < 1000; block++) countInto(counts, drawsOf([8, 'slow'], block * 1024, 1024, 1000, 'native'));
  }, 300_000);

  test('have the normal law, at the ends of all cells within 0.00017', () => {
    assertCellDistribution(counts, differencesOf(below), { detects: 0.00017 });
  });

  test('fill a thousand cells of equal probability as the normal law does, within 0.00087 of each on average', () => {
    const cells = ends.map((_, k) => Math.min(999, Math.floor(1000 * below[k]))).slice(0, -1);
    const [merged, probabilities] = [new Float64Array(1000), new Float64Array(1000)];
    for (const [k, cell] of cells.entries()) {
      merged[cell] += counts[k];
      probabilities[cell] += below[k + 1] - below[k];
    }
    assertCells(merged, probabilities, { detects: 0.00087 ** 2 });
  });

  for (const [x, relative] of [
    [3, 0.0065],
    [4, 0.043],
    [4.5, 0.14],
    [5, 0.49],
    [5.5, 2.5],
  ] as const) {
    test(`lie beyond ±${x} with the normal law's probability, within ${relative} of it`, () => {
      const beyond = counts.reduce((sum, count, k) => (Math.abs(ends[k] + 2 ** -13) > x ? sum + count : sum), 0);
      const expected = twoSidedTail(x);
      assertProportion(beyond, total, expected, { detects: relative * expected });
    });
  }
});

test('the first normals of a million replicates have the normal law, at any point within 0.0055', () => {
  assertDistribution(drawsOf([9, 'slow'], 0, 1_000_000, 1), normalCdf, { detects: 0.0055 });
});

function addPairs(z: Float64Array, shift: number, products: RunningSummary, squares: RunningSummary): void {
  for (let k = shift; k < z.length; k++) {
    const [x, y] = [z[k - shift], z[k]];
    products.add(x * y);
    squares.add((x * x - 1) * (y * y - 1));
  }
}

function countInto(counts: Float64Array, z: Float64Array): void {
  for (let k = 0; k < z.length; k++) counts[Math.floor((z[k] + 8) * 4096)]++;
}

const differencesOf = (values: readonly number[]): number[] => values.slice(1).map((value, k) => value - values[k]);
