/** The float64 nearest to a quotient of whole numbers, by long division: the one place where exact sums, means and grid points are rounded. */

/**
 * Rounds numerator/denominator once, ties to even; to 0 (never -0) below 2^-1075, to an infinity above the largest float64.
 *
 * @param denominator > 0; not checked.
 */
export function roundFraction(numerator: bigint, denominator: bigint): number {
  const size = numerator < 0n ? -numerator : numerator;
  if (size === 0n) return 0;
  // A quotient of 65 or 66 bits, and a last bit for all that is cut off: more than 53 bits and the two that rounding looks at.
  const shift = 65 - (bitLength(size) - bitLength(denominator));
  const [top, bottom] = shift >= 0 ? [size << BigInt(shift), denominator] : [size, denominator << BigInt(-shift)];
  let quotient = top / bottom;
  if (quotient * bottom !== top) quotient |= 1n;
  // Units of the last place of the result: 53 bits are kept, fewer where the result is subnormal.
  const unit = Math.max(bitLength(quotient) - 53 - shift, LEAST_POWER);
  const drop = BigInt(unit + shift);
  const half = 1n << (drop - 1n);
  const rest = quotient & ((half << 1n) - 1n);
  let kept = quotient >> drop;
  if (rest > half || (rest === half && (kept & 1n) === 1n)) kept += 1n;
  // The 53rd bit, and a carry beyond it, add themselves to the exponent.
  const bits = (BigInt(unit - LEAST_POWER) << 52n) + kept;
  const rounded = bits >= INFINITY_BITS ? Number.POSITIVE_INFINITY : doubleOf(bits);
  return numerator < 0n && rounded !== 0 ? -rounded : rounded;
}

/** The number of binary digits of a whole number > 0. */
export function bitLength(x: bigint): number {
  const digits = x.toString(16);
  return 4 * digits.length - (Math.clz32(Number.parseInt(digits[0], 16)) - 28);
}

/** Every float64 is a multiple of 2^-1074. */
const LEAST_POWER = -1074;
const INFINITY_BITS = 2047n << 52n;

/** Gives the float64 of a bit pattern (IEEE 754, 64 bits). */
export function doubleOf(bits: bigint): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, bits);
  return view.getFloat64(0);
}

/** Gives the bit pattern of a float64. */
export function bitsOf(x: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  return view.getBigUint64(0);
}
