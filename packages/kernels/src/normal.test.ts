import { uniforms } from '@ergoflow/testing';
import { Decimal } from 'decimal.js';
import { expect, test } from 'vitest';
import { normalMoment, twoSidedTail } from './fixtures/normalLaw.ts';
import { angle, cosine, directionMoments, first, lawBound, radius, radiusLaw, second, sine, tail, uniform } from './fixtures/pair.ts';
import { exactly, TRUTH } from './functions/fixtures/truth.ts';

const word = (u: number): number => Math.floor(u * 2 ** 32);

/** 1000 words: corners, and random ones of all lengths. */
const WORDS: readonly number[] = [
  ...[0, 1, 2, 255, 256, 511, 512, 513, 2 ** 24, 2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1, 2 ** 32 - 512, 2 ** 32 - 2, 2 ** 32 - 1],
  ...Array.from(uniforms('words', 985), (u, k) => Math.floor(u * 2 ** ((k % 32) + 1))),
];

test('the uniform number has the midpoint of 40 bits, rounded twice at most', () => {
  for (const [k, low] of WORDS.entries()) {
    const high = WORDS[(k * 7 + 3) % WORDS.length];
    const exact = (high % 2 ** 31) + ((low % 512) + 0.5) / 512;
    expect(Math.abs(uniform(high, low) / exact - 1)).toBeLessThan(2 ** -23);
    if (exact < 2 ** 14) expect(uniform(high, low)).toBe(exact);
  }
});

test('the angle has the midpoint of 23 bits exactly, within half a half turn', () => {
  for (const low of WORDS) {
    const j = Math.floor(low / 512);
    expect(angle(low)).toBe(((j < 2 ** 22 ? j : j - 2 ** 23) + 0.5) * 2 ** -23);
  }
});

test('the radius errs by less than 4e-7 of itself', () => {
  const edges = [2 ** -10, 2 ** -10 + 2 ** -9, 1, 2 ** 31 * Math.SQRT1_2, 2 ** 31 - 128].flatMap((x) => [x, x * (1 + 2 ** -22), x * (1 - 2 ** -22)]);
  const random = Array.from(uniforms('radius', 2000), (u, k) => (1 + u) * 2 ** ((k % 41) - 10));
  for (const x of [...edges, ...random].map(Math.fround).filter((each) => each >= 2 ** -10 && each < 2 ** 31)) {
    const truth = Decimal.sqrt(TRUTH.log(exactly(x * 2 ** -31)).times(-2));
    expect(exactly(radius(x)).div(truth).minus(1).abs().toNumber()).toBeLessThan(4e-7);
  }
  expect(radius(2 ** 31)).toBeCloseTo(0, 30);
});

test('sine and cosine err by less than 1.7e-7', () => {
  const pi = exactly(1).atan().times(4);
  for (const low of WORDS) {
    const t = angle(low);
    expect(
      exactly(sine(t))
        .minus(TRUTH.sin(pi.times(t)))
        .abs()
        .toNumber(),
    ).toBeLessThan(1.7e-7);
    expect(
      exactly(cosine(t))
        .minus(TRUTH.cos(pi.times(t)))
        .abs()
        .toNumber(),
    ).toBeLessThan(1.7e-7);
  }
});

test('a pair is the radius times cosine and sine, the cosine with the sign of the upper bit', () => {
  for (const [k, low] of WORDS.entries()) {
    const high = WORDS[(k * 11 + 5) % WORDS.length];
    const [r, t] = [radius(uniform(high, low)), angle(low)];
    expect(first(high, low)).toBe(Math.fround(r * cosine(t)) * (high >= 2 ** 31 ? -1 : 1));
    expect(second(high, low)).toBe(Math.fround(r * sine(t)));
  }
});

test('to each word there is one with the opposite normal, so means are 0 exactly', () => {
  for (const low of WORDS) {
    const high = word(low / 2 ** 32 / 3);
    expect(first(high ^ 0x80000000, low)).toBe(-first(high, low));
    // All bits of the angle.
    expect(second(high, low ^ 0xfffffe00)).toBe(-second(high, low));
  }
});

test('no bits give a normal beyond 7.54, the largest radius', () => {
  // √(-2 ln 2^-41) = 7.5391, at the largest cosine.
  expect(radius(uniform(0, 0))).toBeCloseTo(Math.sqrt(82 * Math.LN2), 5);
  expect(first(0, 0)).toBeGreaterThan(7.539);
  expect(first(0, 0)).toBeLessThan(7.54);
});

// The law itself, from the numbers that can come: all angles, and 4096 radii between two powers of 2 (all radii in normal.slow.test.ts).
const law = radiusLaw(2 ** 12);
for (const [name, of] of [
  ['first', cosine],
  ['second', sine],
] as const) {
  test(`moments 2, 4, 6 and 8 of the ${name} normal are right within 1e-8, 1.5e-8, 2e-8 and 5e-8 of themselves`, () => {
    const moments = directionMoments(of);
    for (const [k, relative] of [1e-8, 1.5e-8, 2e-8, 5e-8].entries()) {
      expect(Math.abs((law.moments[k] * moments[k]) / normalMoment(2 * k + 2) - 1)).toBeLessThan(relative);
    }
  });

  test(`the law of the ${name} normal is Φ within 1e-7`, () => {
    expect(lawBound(of, law, [0.001, 0.1, 1, 2]).total).toBeLessThan(1e-7);
  });
}

for (const [z, relative] of [
  [5, 1e-5],
  [6, 1e-5],
  [6.5, 1e-4],
  [7, 5e-3],
] as const) {
  test(`the law's probability beyond ±${z} is right within ${relative} of itself`, () => {
    expect(Math.abs(tail(z) / twoSidedTail(z) - 1)).toBeLessThan(relative);
  });
}
