/**
 * Exact arithmetic on the decimals that people write, rounded to the nearest double once, at the end.
 *
 * A grid point such as 0.1·(0.001/0.1)^(3/6) is the double nearest to the real number that the written decimals mean. So 10^-2 is 0.01, end points are
 * exact, and a point that two grids share has the same bits in both: a finer grid contains the coarser one.
 */

import { bitsOf, doubleOf, roundFraction } from '../statistics/roundFraction.ts';

/** n/d in lowest terms, d > 0. */
export interface Rational {
  readonly n: bigint;
  readonly d: bigint;
}

/** Gives the decimal that prints as `x`: 0.1 is 1/10, although the double is not. @param x finite */
export function rationalOf(x: number): Rational {
  const [, sign, whole, fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(x)) as unknown as string[];
  const shift = Number(exponent) - fraction.length;
  const digits = BigInt(`${whole}${fraction}`) * (sign === '-' ? -1n : 1n);
  return shift >= 0 ? { n: digits * 10n ** BigInt(shift), d: 1n } : reduced(digits, 10n ** BigInt(-shift));
}

/** Divides out common factors. @param d not 0 */
export function reduced(n: bigint, d: bigint): Rational {
  let [a, b] = [n < 0n ? -n : n, d < 0n ? -d : d];
  while (b !== 0n) [a, b] = [b, a % b];
  const s = d < 0n ? -a : a;
  return a === 0n ? { n: 0n, d: 1n } : { n: n / s, d: d / s };
}

/** a + b */
export function plus(a: Rational, b: Rational): Rational {
  return reduced(a.n * b.d + b.n * a.d, a.d * b.d);
}

/** a - b */
export function minus(a: Rational, b: Rational): Rational {
  return plus(a, { n: -b.n, d: b.d });
}

/** a·b */
export function times(a: Rational, b: Rational): Rational {
  return reduced(a.n * b.n, a.d * b.d);
}

/** a^k for whole k of any sign. @param a not 0 where k < 0 */
export function toThe(a: Rational, k: number): Rational {
  if (k >= 0) return { n: a.n ** BigInt(k), d: a.d ** BigInt(k) };
  const [n, d] = [a.d ** BigInt(-k), a.n ** BigInt(-k)];
  return d < 0n ? { n: -n, d: -d } : { n, d };
}

/** Gives the nearest double, ties to even; infinities where there is none. */
export function nearestDouble({ n, d }: Rational): number {
  return roundFraction(n, d);
}

/**
 * Gives the double nearest to a^(1/q).
 *
 * @param a above 0
 * @param q whole, at least 1; the cost grows with q², some 10 µs at 256.
 * @param near Near the result; the nearer, the faster. Not near 0 or the largest double.
 */
export function nearestRoot(a: Rational, q: number, near: number): number {
  // Positive doubles are ordered as their bits are. The result is the first x whose middle with the next double lies above the root.
  const isReached = (word: bigint): boolean => isRootBelow(a, q, middle(doubleOf(word), doubleOf(word + 1n)));
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

/** True if a^(1/q) < m. */
function isRootBelow(a: Rational, q: number, m: Rational): boolean {
  return a.n * m.d ** BigInt(q) < m.n ** BigInt(q) * a.d;
}

/** The exact middle of two positive doubles. */
function middle(x: number, y: number): Rational {
  const [a, b] = [dyadic(x), dyadic(y)];
  return reduced(a.n * b.d + b.n * a.d, 2n * a.d * b.d);
}

/** The exact value of a positive double. */
function dyadic(x: number): Rational {
  const word = bitsOf(x);
  const exponent = Number(word >> 52n) & 0x7ff;
  const fraction = word & 0xfffffffffffffn;
  const significand = exponent === 0 ? fraction : fraction | (1n << 52n);
  const shift = Math.max(exponent, 1) - 1075;
  return shift >= 0 ? { n: significand << BigInt(shift), d: 1n } : reduced(significand, 1n << BigInt(-shift));
}
