import { assertCorrelation, assertDistribution, assertMean, assertProportion, runningSummary, uniforms } from '@ergoflow/testing';
import { describe, expect, test } from 'vitest';
import { drawsOf, visitDraws } from './fixtures/draws.ts';
import { normalCdf, normalMoment, twoSidedTail } from './fixtures/normalLaw.ts';

/** 4 million draws: 2000 replicates of 2000. */
const [LANES, PER_LANE] = [2000, 2000];

describe('normals', () => {
  const z = drawsOf([1, 'law'], 0, LANES, PER_LANE);
  const million = z.subarray(0, 1_000_000);

  // What a mean of zᵏ over 4 million draws detects: 9.65·√(E z²ᵏ - (E zᵏ)²)/2000. The eighth moment needs more draws than can be had in a second.
  const detects = [0.005, 0.007, 0.019, 0.048, 0.15, 0.49, 1.8];
  const powers = detects.map(runningSummary);
  for (const x of z) {
    let power = x;
    for (const moment of powers) {
      moment.add(power);
      power *= x;
    }
  }
  for (const [index, detectable] of detects.entries()) {
    test(`have moment ${index + 1} of the normal law within ${detectable}`, () => {
      assertMean(powers[index].summary(), normalMoment(index + 1), { detects: detectable });
    });
  }

  test('have the normal law, at any point within 0.0055', () => {
    assertDistribution(million, normalCdf, { detects: 0.0055 });
  });

  for (const [index, relative] of [0.01, 0.025, 0.11, 0.8, 19].entries()) {
    test(`lie beyond ±${index + 1} with the normal law's probability, within ${relative} of it`, () => {
      const expected = twoSidedTail(index + 1);
      assertProportion(z.filter((x) => Math.abs(x) > index + 1).length, z.length, expected, { detects: relative * expected });
    });
  }
});

describe('draws of one stream', () => {
  const z = new Float64Array(1_000_000);
  let filled = 0;
  visitDraws([1, 'time'], 1000, (thousand) => {
    z.set(thousand, filled);
    filled += 1000;
  });

  for (const lag of [1, 2, 3, 4, 8, 16, 127, 128, 256, 1000]) {
    test(`are not correlated at lag ${lag}, nor are their squares`, () => {
      const [early, late] = [z.subarray(0, -lag), z.subarray(lag)];
      assertCorrelation(early, late, 0, { detects: 0.01 });
      assertCorrelation(
        early.map((x) => x * x),
        late.map((x) => x * x),
        0,
        { detects: 0.01 },
      );
    });
  }

  for (const [what, offset] of [
    ['of one transform', 0],
    ['of two transforms', 1],
  ] as const) {
    test(`fill 64 equally probable cells evenly as pairs ${what}`, () => {
      assertEvenCells(z.subarray(offset, z.length - offset));
    });
  }
});

/** Asserts that consecutive pairs fall equally often into the cells that the octiles of the normal law make. */
function assertEvenCells(z: Float64Array): void {
  const counts = new Int32Array(64);
  const octile = (x: number): number => Math.min(7, Math.floor(8 * normalCdf(x)));
  for (let k = 0; k < z.length; k += 2) counts[8 * octile(z[k]) + octile(z[k + 1])]++;
  for (const count of counts) assertProportion(count, z.length / 2, 1 / 64, { detects: 0.0021 });
}

describe('streams', () => {
  const draws = (name: readonly (string | number)[], first = 0): Float64Array => drawsOf(name, first, 1000, 1000);
  const reference = draws([1, 'W']);

  test('of neighbouring replicates are not correlated', () => {
    // Lanes are contiguous: a shift by one compares each draw with the next replicate's.
    assertCorrelation(reference.subarray(0, -1), reference.subarray(1), 0, { detects: 0.01 });
  });

  for (const [what, other] of [
    ['another seed', draws([2, 'W'])],
    ['another process', draws([1, 'V'])],
    ['a longer name', draws([1, 'W', 0])],
    ['far replicates', draws([1, 'W'], 2 ** 40)],
  ] as const) {
    test(`of ${what} are not correlated, nor are their squares`, () => {
      assertCorrelation(reference, other, 0, { detects: 0.01 });
      assertCorrelation(
        reference.map((x) => x * x),
        other.map((x) => x * x),
        0,
        { detects: 0.01 },
      );
    });
  }

  test('begin with normals over replicates, and over seeds', () => {
    assertDistribution(drawsOf([1, 'first'], 0, 100_000, 1), normalCdf, { detects: 0.018 });
    const seeds = Float64Array.from({ length: 20_000 }, (_, seed) => drawsOf([seed, 'first'], 0, 1, 1)[0]);
    assertDistribution(seeds, normalCdf, { detects: 0.04 });
    assertCorrelation(seeds.subarray(1), seeds.subarray(0, -1), 0, { detects: 0.07 });
  });
});

test('a law that is off by what a test detects fails it', () => {
  const n = 1_000_000;
  const z = drawsOf([1, 'law'], 0, 1000, n / 1000);
  expect(() => assertDistribution(z, (x) => normalCdf(x - 0.014), { detects: 0.0055 })).toThrow('the distance of the law');
  const correlated = uniforms('correlated', n).map((u, k) => 0.01 * z[k] + Math.sqrt(12) * (u - 0.5));
  expect(() => assertCorrelation(z, correlated, 0, { detects: 0.01 })).toThrow('the correlation');
});
