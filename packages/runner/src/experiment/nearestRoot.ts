/**
 * The double nearest to a root of a product of powers of decimals: a point of a geometric grid.
 *
 * Candidates are compared with the root by their q-th powers, in numbers m·2^e of 320 bits. Powers of the exponents that grids have (below 10^5) are then
 * right to 2^-300 of their size, and two sides that agree to 2^-256 are taken as equal, which is a tie: it goes to the even double, as 1e23 does.
 */
import { bitLength, bitsOf, doubleOf } from '../statistics/roundFraction.ts';
import type { Rational } from './rational.ts';

/**
 * Gives the double nearest to (∏ base^exponent)^(1/q).
 *
 * @param factors Bases above 0, with whole exponents of any sign below 10^5 in size.
 * @param q whole, at least 1
 * @param near Near the result; the nearer, the faster. Positive, not the largest double.
 */
export function nearestRoot(factors: readonly (readonly [base: Rational, exponent: number])[], q: number, near: number): number {
  let [top, bottom] = [scaled(1n), scaled(1n)];
  for (const [{ n, d }, exponent] of factors) {
    const [upper, lower] = exponent < 0 ? [d, n] : [n, d];
    top = product(top, power(scaled(upper), Math.abs(exponent)));
    bottom = product(bottom, power(scaled(lower), Math.abs(exponent)));
  }
  // Positive doubles are ordered as their bits are. The result is the first one whose middle with the next lies above the root.
  const isReached = (word: bigint): boolean => {
    const order = compare(top, product(bottom, power(middleAbove(word), q)));
    return order < 0 || (order === 0 && (word & 1n) === 0n);
  };
  let [low, high] = [bitsOf(near) - 1n, bitsOf(near)];
  for (let leap = 1n; !isReached(high); leap *= 2n) [low, high] = [high, high + leap];
  for (let leap = 1n; isReached(low); leap *= 2n) [low, high] = [low - leap, low];
  while (high - low > 1n) {
    const half = (low + high) / 2n;
    if (isReached(half)) high = half;
    else low = half;
  }
  return doubleOf(high);
}

/** m·2^e, m of PRECISION bits. */
interface Scaled {
  readonly m: bigint;
  readonly e: number;
}

const PRECISION = 320;
const AGREEMENT = 256;

function scaled(x: bigint, e = 0): Scaled {
  const excess = bitLength(x) - PRECISION;
  return { m: excess > 0 ? x >> BigInt(excess) : x << BigInt(-excess), e: e + excess };
}

const product = (a: Scaled, b: Scaled): Scaled => scaled(a.m * b.m, a.e + b.e);

/** a^k by squaring. @param k whole, at least 0 */
function power(a: Scaled, k: number): Scaled {
  let result = scaled(1n);
  for (let [square, left] = [a, k]; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = product(result, square);
    if (left > 1) square = product(square, square);
  }
  return result;
}

/** Tells which is larger, as the sign of a - b; 0 if they agree. */
function compare(a: Scaled, b: Scaled): number {
  const shift = a.e - b.e;
  if (Math.abs(shift) > 1) return Math.sign(shift);
  const difference = (a.m << BigInt(Math.max(shift, 0))) - (b.m << BigInt(Math.max(-shift, 0)));
  const isSmall = difference === 0n || bitLength(difference < 0n ? -difference : difference) <= PRECISION - AGREEMENT;
  return isSmall ? 0 : difference < 0n ? -1 : 1;
}

/** The middle of a positive double and the next: with S·2^E the double, (2S + 1)·2^(E-1). */
function middleAbove(word: bigint): Scaled {
  const exponent = Number(word >> 52n);
  const fraction = word & ((1n << 52n) - 1n);
  const significand = exponent === 0 ? fraction : fraction | (1n << 52n);
  return scaled(2n * significand + 1n, Math.max(exponent, 1) - 1076);
}
