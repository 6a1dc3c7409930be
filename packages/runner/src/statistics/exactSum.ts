/**
 * Exact sums of float64: the same bits for any order and any partition.
 *
 * A sum is kept as non-overlapping partial sums (Shewchuk 1997, "Adaptive precision floating-point arithmetic", §2.4; the algorithm of Python's fsum), so
 * nothing is lost before the end. How the partials are cut depends on the order, their total does not, and reading it is correctly rounded.
 */

/** A sum so far: its partials, increasing in size, not overlapping. */
export type Partials = number[];

/**
 * Adds a number to a sum, in place.
 *
 * @throws RangeError if the number, or the sum, is not finite.
 */
export function addExactly(partials: Partials, value: number): void {
  if (!Number.isFinite(value)) throw new RangeError(`a summand must be finite, got ${value}`);
  let x = value;
  let kept = 0;
  for (let k = 0; k < partials.length; k++) {
    let y = partials[k];
    if (Math.abs(x) < Math.abs(y)) [x, y] = [y, x];
    const high = x + y;
    const low = y - (high - x);
    if (low !== 0) partials[kept++] = low;
    x = high;
  }
  if (!Number.isFinite(x)) throw new RangeError('a sum must stay finite, its size passed 1.8e308');
  partials.length = kept;
  if (x !== 0) partials.push(x);
}

/** Adds the exact square or product of two numbers: a·b = p + e by Dekker's splitting (1971), exact unless it underflows. */
export function addProductExactly(partials: Partials, a: number, b: number): void {
  const product = a * b;
  addExactly(partials, product);
  const [aHigh, bHigh] = [split(a), split(b)];
  const [aLow, bLow] = [a - aHigh, b - bHigh];
  addExactly(partials, aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow));
}

/** The upper 26 bits of a number; 2^27 + 1 is Dekker's constant for float64. */
function split(x: number): number {
  const scaled = 134217729 * x;
  return scaled - (scaled - x);
}

/** The exact total as a fraction: numerator / 2^1074·… in whole numbers, so that what follows can be exact as well. */
export function exactTotal(partials: Partials): bigint {
  return partials.reduce((total, partial) => total + scaledInteger(partial), 0n);
}

/** 2^SCALE times a float64 is a whole number. */
export const SCALE = 1074n;

function scaledInteger(x: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  const bits = view.getBigUint64(0);
  const exponent = Number((bits >> 52n) & 2047n);
  const fraction = bits & ((1n << 52n) - 1n);
  const magnitude = exponent === 0 ? fraction : (fraction | (1n << 52n)) << BigInt(exponent - 1);
  return bits >> 63n === 1n ? -magnitude : magnitude;
}

/**
 * Rounds a fraction of whole numbers to the nearest float64, ties to even.
 *
 * @param denominator > 0.
 */
export function roundFraction(numerator: bigint, denominator: bigint): number {
  if (numerator === 0n) return 0;
  const sign = numerator < 0n ? -1 : 1;
  const size = numerator < 0n ? -numerator : numerator;
  // Scale so that the quotient has 64 to 66 bits, and let the last of them stand for all that is cut off.
  const shift = 65 - (bitLength(size) - bitLength(denominator));
  const [top, bottom] = shift >= 0 ? [size << BigInt(shift), denominator] : [size, denominator << BigInt(-shift)];
  let quotient = top / bottom;
  if (quotient * bottom !== top) quotient |= 1n;
  return sign * scaleByPowerOfTwo(quotient, -shift);
}

const bitLength = (x: bigint): number => x.toString(16).length * 4 - Math.clz32(Number.parseInt(x.toString(16)[0], 16)) + 28;

/** Rounds quotient·2^power once: to 53 bits, or to what a subnormal number can hold. */
function scaleByPowerOfTwo(quotient: bigint, power: number): number {
  const bits = bitLength(quotient);
  const exponent = bits + power;
  const drop = Math.max(bits - 53, -1074 - power);
  if (drop <= 0) return Number(quotient) * 2 ** power;
  const rest = quotient & ((1n << BigInt(drop)) - 1n);
  const half = 1n << BigInt(drop - 1);
  let kept = quotient >> BigInt(drop);
  if (rest > half || (rest === half && (kept & 1n) === 1n)) kept += 1n;
  if (exponent > 1025) return Number.POSITIVE_INFINITY;
  const shift = power + drop;
  // 2^1023 and 2^-1074 are the ends of what one factor can be.
  return shift > 900 ? Number(kept) * 2 ** 900 * 2 ** (shift - 900) : Number(kept) * 2 ** shift;
}
