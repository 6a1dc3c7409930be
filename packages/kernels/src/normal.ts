/**
 * Standard normals from 64 random bits a pair, in float32 arithmetic.
 *
 * Box & Muller (1958): with U uniform on (0, 1) and an angle T uniform on (-½, ½) of a half turn to each side, √(-2 ln U)·(± cos πT, sin πT) are two
 * independent normals; the sign is a fair bit, as cos πT is never negative. U has 40 bits, T 23, both at midpoints, and all bits are used once. The
 * radius ends at √(82 ln 2) = 7.54: a tail of 4.5e-13 is cut off.
 *
 * Why float32: twice the lanes in a register, and polynomials of half the length. What it costs is known, since the inputs can be enumerated
 * (normalLaw.test.ts, normalLaw.slow.test.ts): the mean of each normal is 0 exactly, moments 2, 4, 6 and 8 are those of the normal law within 1e-8
 * of their size, the distance of the distribution function from Φ is below 5e-8, and tails up to 6.5 are right within 1 % of themselves. A normal is
 * a float32 number, so neighbouring ones differ by 6e-8 of their size.
 *
 * Each operation is one that IEEE-754 defines to the last bit, in an order that is written here alone: every target writes these statements out.
 */

/** How a target writes operations on lanes of 32 bits. A value is a float32, or 32 bits that count as a whole number modulo 2^32. */
export interface Float32Arithmetic<V> {
  /** A float32 constant; `value` must be one. */
  float(value: number): V;
  /** A constant of 32 bits; `value` from 0 to 2^32 - 1. */
  bits(value: number): V;
  add(a: V, b: V): V;
  subtract(a: V, b: V): V;
  multiply(a: V, b: V): V;
  divide(a: V, b: V): V;
  squareRoot(a: V): V;
  addBits(a: V, b: V): V;
  subtractBits(a: V, b: V): V;
  and(a: V, b: V): V;
  or(a: V, b: V): V;
  xor(a: V, b: V): V;
  /** The bits of a float32. */
  bitsOf(a: V): V;
  /** The float32 of given bits. */
  floatOf(a: V): V;
  /** Bits as a signed whole number, rounded to the nearest float32, ties to even. */
  nearest(a: V): V;
}

/**
 * Makes a pair of normals.
 *
 * @param high The upper 32 of 64 random bits: a sign, and the upper 31 bits of the radius' uniform number.
 * @param low The lower 32: 23 bits of the angle, and the lower 9 bits of the radius' uniform number.
 */
export function normalPair<V>(on: Float32Arithmetic<V>, high: V, low: V): readonly [V, V] {
  const radius = radiusOf(on, uniformOf(on, high, low));
  const { sin, cos } = halfTurnOf(on, angleOf(on, low));
  const sign = on.and(high, on.bits(0x80000000));
  return [on.floatOf(on.xor(on.bitsOf(on.multiply(radius, cos)), sign)), on.multiply(radius, sin)];
}

/**
 * X = 2^31 U, rounded twice to float32: U = (k + ½)·2^-40 with k the lower 31 bits of `high` before the lower 9 of `low`. Small ones, which the tail is
 * made of, keep all their bits.
 */
export function uniformOf<V>(on: Float32Arithmetic<V>, high: V, low: V): V {
  const whole = on.nearest(on.and(high, on.bits(0x7fffffff)));
  // Nine bits at the end of 2^14's fraction are multiples of 2^-9; what is taken off leaves them at midpoints, exactly.
  const part = on.subtract(on.floatOf(on.or(on.and(low, on.bits(0x1ff)), on.bits(0x46800000))), on.float(2 ** 14 - 2 ** -10));
  return on.add(whole, part);
}

/** T = (j + ½)·2^-23 in (-½, ½), exactly, with j the upper 23 bits of `low` as a signed number. */
export function angleOf<V>(on: Float32Arithmetic<V>, low: V): V {
  return on.multiply(on.nearest(on.or(on.and(low, on.bits(0xfffffe00)), on.bits(0x100))), on.float(2 ** -32));
}

/**
 * √(-2 ln(2^-31 x)) for x in [2^-10, 2^31], relatively within 4e-7.
 *
 * With x = 2^(31 + k) m, m from √½ to √2, and s = (m - 1)/(m + 1): -2 ln(2^-31 x) = -2k ln 2 - 4 artanh s.
 */
export function radiusOf<V>(on: Float32Arithmetic<V>, x: V): V {
  const above = on.subtractBits(on.bitsOf(x), on.bits(ROOT_HALF + 31 * 2 ** 23));
  const k = on.nearest(on.and(above, on.bits(0xff800000)));
  const m = on.floatOf(on.addBits(on.and(above, on.bits(0x7fffff)), on.bits(ROOT_HALF)));
  const one = on.float(1);
  const s = on.divide(on.subtract(m, one), on.add(m, one));
  const log = on.multiply(polynomial(on, LOG, on.multiply(s, s)), s);
  return on.squareRoot(on.add(on.multiply(k, on.float(TWICE_LN_2)), log));
}

/** sin πt and cos πt for t in (-½, ½), absolutely within 1.7e-7. */
export function halfTurnOf<V>(on: Float32Arithmetic<V>, t: V): { readonly sin: V; readonly cos: V } {
  const z = on.multiply(t, t);
  return { sin: on.multiply(polynomial(on, SINE, z), t), cos: polynomial(on, COSINE, z) };
}

/** Horner's rule; coefficients from the highest power on. */
function polynomial<V>(on: Float32Arithmetic<V>, coefficients: readonly number[], z: V): V {
  const [first, ...rest] = coefficients.map((value) => on.float(Math.fround(value)));
  return rest.reduce((sum, next) => on.add(on.multiply(sum, z), next), first);
}

/** The bits of √½ in float32. */
const ROOT_HALF = 0x3f3504f3;

/** -2 ln 2 · 2^-23 in float32 (relative error 2.8e-9): k comes as a multiple of 2^23. */
const TWICE_LN_2 = Math.fround(-2 * Math.LN2 * 2 ** -23);

// Minimax fits of the absolute error over the arguments that occur, coefficient by coefficient rounded to float32 from the lowest power on, the
// rest fitted anew after each; the errors are of the rounded polynomials. `python3 packages/kernels/bench/fit.py` finds them again.

/** -4 artanh(s)/s in z = s², |s| ≤ 0.1716; error of -4 artanh s: 4.8e-8. */
const LOG: readonly number[] = [-0.8317222595214844, -1.3328403234481812, -4.000001907348633];

/** sin(πt)/t in z = t², |t| ≤ ½; error of sin πt: 7.6e-9. */
const SINE: readonly number[] = [0.07643340528011322, -0.5976253151893616, 2.549957752227783, -5.1677021980285645, 3.141592502593994];

/** cos πt in z = t², |t| ≤ ½; error 6.0e-8. */
const COSINE: readonly number[] = [0.21931584179401398, -1.3316779136657715, 4.058378219604492, -4.934791088104248, 0.9999999403953552];
