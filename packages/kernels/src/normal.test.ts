import { uniforms } from '@ergoflow/testing';
import { expect, test } from 'vitest';
import { exactly, TRUTH, ulpError } from './functions/fixtures/truth.ts';
import { logOfUnit, normalPair, sincosOfTurns } from './normal.ts';
import { scalarOf } from './scalar.ts';

const log = scalarOf((g, u) => logOfUnit(g, u), 1);
const sin = scalarOf((g, v) => sincosOfTurns(g, v).sin, 1);
const cos = scalarOf((g, v) => sincosOfTurns(g, v).cos, 1);
const first = scalarOf((g, radius, angle) => normalPair(g, radius, angle)[0], 2);
const second = scalarOf((g, radius, angle) => normalPair(g, radius, angle)[1], 2);

test('the logarithm errs by less than 2 ulp at the midpoints that normals are made of', () => {
  const at = (k: number): number => (k + 0.5) * 2 ** -40;
  const edges = [0, 1, 2, 3, 2 ** 39, Math.floor(Math.SQRT1_2 * 2 ** 40), 2 ** 40 - 2, 2 ** 40 - 1].flatMap((k) => [k - 1, k, k + 1]);
  const random = Array.from(uniforms('radius', 2000), (u, k) => Math.floor(u * 2 ** (k % 41)));
  for (const k of [...edges.filter((edge) => edge >= 0 && edge < 2 ** 40), ...random]) {
    expect(ulpError(log(at(k)), TRUTH.log(exactly(at(k))))).toBeLessThan(2);
  }
});

test('sine and cosine err by less than 2^-49 at the midpoints of the angle', () => {
  const twoPi = exactly(1).atan().times(8);
  const quarters = [0, 1, 2, 3, 4].map((k) => k * 2 ** 22).flatMap((k) => [k - 2, k - 1, k, k + 1]);
  const random = Array.from(uniforms('angle', 1000), (u) => Math.floor(u * 2 ** 24));
  for (const j of [...quarters.filter((edge) => edge >= 0 && edge < 2 ** 24), ...random]) {
    const v = (j + 0.5) * 2 ** -24;
    const angle = exactly(v).times(twoPi);
    expect(exactly(sin(v)).minus(TRUTH.sin(angle)).abs().toNumber()).toBeLessThan(2 ** -49);
    expect(exactly(cos(v)).minus(TRUTH.cos(angle)).abs().toNumber()).toBeLessThan(2 ** -49);
  }
});

test('no bits give a normal beyond 7.54, the largest radius', () => {
  // √(-2 ln 2^-41) = 7.5391, at the largest cosine.
  expect(first(0, 0)).toBeGreaterThan(7.539);
  for (const angle of [0, 2 ** 22, 2 ** 23 - 1, 2 ** 24 - 1]) {
    expect(Math.hypot(first(0, angle), second(0, angle))).toBeCloseTo(Math.sqrt(82 * Math.LN2), 13);
    expect(Math.hypot(first(2 ** 40 - 1, angle), second(2 ** 40 - 1, angle))).toBeCloseTo(2 ** -20, 13);
  }
});

test('opposite angles give opposite normals', () => {
  for (let angle = 0; angle < 2 ** 23; angle += 9973) {
    expect(Math.abs(first(1e9, angle) + first(1e9, angle + 2 ** 23))).toBeLessThan(4e-15);
    expect(Math.abs(second(1e9, angle) + second(1e9, angle + 2 ** 23))).toBeLessThan(4e-15);
  }
});
