/**
 * Exact arithmetic on the decimals that people write; what comes of it is rounded to the nearest double once, at the end.
 *
 * A grid point such as 0.1·(0.001/0.1)^(3/6) is the double nearest to the real number that the written decimals mean. So 10^-2 is 0.01, end points are
 * exact, and a point that two grids share has the same bits in both: a finer grid contains the coarser one.
 */

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
