/**
 * Exact sums of float64: the same bits for any order and any partition.
 *
 * A sum is kept as non-overlapping partial sums (Shewchuk 1997, "Adaptive precision floating-point arithmetic", §2.4; the algorithm of Python's fsum), so
 * nothing is lost before the end. How the partials are cut depends on the order, their total does not; {@link canonical} cuts them in one way.
 */
import { bitsOf, roundFraction } from './roundFraction.ts';

/** A sum so far: its partials, increasing in size, not overlapping. */
export type Partials = number[];

/** Summands up to this size are allowed, 2^970 ≈ 9.98e291: then 2^53 of them stay finite in any order, and Dekker's splitting (below 2^996) too. */
export const LARGEST_SUMMAND = 2 ** 970;

/** 2^SCALE times a float64 is a whole number. */
export const SCALE = 1074n;

/**
 * Adds a number to a sum, in place.
 *
 * @throws RangeError if it is NaN or larger in size than {@link LARGEST_SUMMAND}.
 */
export function addExactly(partials: Partials, value: number): void {
  // Written so that NaN is refused too.
  if (!(Math.abs(value) <= LARGEST_SUMMAND)) throw new RangeError(`a summand must be between -9.9e291 and 9.9e291, got ${value}`);
  grow(partials, value);
}

/** Adds another sum, in place; its partials may be larger than a summand. */
export function addPartials(partials: Partials, others: readonly number[]): void {
  for (const other of others) grow(partials, other);
}

/**
 * Adds the product of two numbers, in place: a·b = p + e (Dekker 1971), exact where |a·b| ≥ 2^-969 or a·b = 0, else less than 2^-1072 off.
 *
 * @throws RangeError if a, b or their product is NaN or larger in size than {@link LARGEST_SUMMAND}.
 */
export function addProductExactly(partials: Partials, a: number, b: number): void {
  const product = a * b;
  if (!(Math.abs(product) <= LARGEST_SUMMAND && Math.abs(a) <= LARGEST_SUMMAND && Math.abs(b) <= LARGEST_SUMMAND)) {
    throw new RangeError(`factors and their product must be between -9.9e291 and 9.9e291, got ${a} and ${b}`);
  }
  const [aHigh, bHigh] = [upperHalf(a), upperHalf(b)];
  const [aLow, bLow] = [a - aHigh, b - bHigh];
  grow(partials, product);
  grow(partials, aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow));
}

/** The exact total times 2^{@link SCALE}. */
export function exactTotal(partials: readonly number[]): bigint {
  return partials.reduce((total, partial) => total + scaledInteger(partial), 0n);
}

/** The partials of the same total that do not depend on how it came about: its nearest float64, the nearest to what is left, and so on. */
export function canonical(partials: readonly number[]): Partials {
  const parts: Partials = [];
  for (let left = exactTotal(partials); left !== 0n; left -= scaledInteger(parts[0])) parts.unshift(roundFraction(left, 1n << SCALE));
  return parts;
}

function grow(partials: Partials, value: number): void {
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
  partials.length = kept;
  if (x !== 0) partials.push(x);
}

/** The upper 26 bits of a number; 2^27 + 1 is Dekker's constant for float64. */
function upperHalf(x: number): number {
  const scaled = 134217729 * x;
  return scaled - (scaled - x);
}

function scaledInteger(x: number): bigint {
  const bits = bitsOf(x);
  const exponent = (bits >> 52n) & 2047n;
  const fraction = bits & ((1n << 52n) - 1n);
  const magnitude = exponent === 0n ? fraction : (fraction | (1n << 52n)) << (exponent - 1n);
  return bits >> 63n === 1n ? -magnitude : magnitude;
}
