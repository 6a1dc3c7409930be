/**
 * General powers: x^y = e^(y ln x), with ln x within 2^-62 of itself as a pair: for the largest results the product with y costs at most about one unit
 * in the last place.
 *
 * With s = (m - 1)/(m + 1) for x = 2^k m: ln m = 2s + (2/3)s³ + s⁵·(2/5 + …). The first two terms are computed as pairs (Dekker 1971), the rest plainly.
 */
import type { GraphBuilder, Node } from '../graph.ts';
import { expOfPair } from './exp.ts';
import { exponentAndFraction } from './log.ts';
import { polynomial, productRest, sumRest } from './polynomial.ts';

/**
 * x^y as in C's pow (ISO C99, F.9.4.4): 0^0 = 1, signed zeros and infinities for odd y, negative finite x with whole y only, else NaN; but NaN if either
 * is NaN and y is not 0, also for 1^NaN. Within 2 units in the last place.
 */
export function power(g: GraphBuilder, x: Node, y: Node): Node {
  const [zero, one, infinity, nan] = [0, 1, Number.POSITIVE_INFINITY, Number.NaN].map((value) => g.constant(value));
  const size = g.absolute(x);
  const isInfinite = g.equal(size, infinity);
  const positive = positivePower(g, size, y);
  const isWhole = g.equal(g.floor(y), y);
  const half = g.multiply(y, g.constant(0.5));
  const isOdd = g.and(isWhole, g.not(g.equal(g.floor(half), half)));
  // At 0 and infinity the logarithm has no pair: the sign of y alone decides.
  const rises = g.less(zero, y);
  const atZero = g.select(rises, g.select(isOdd, x, zero), g.select(isOdd, g.divide(one, x), infinity));
  const atInfinity = g.select(rises, infinity, zero);
  const regular = g.select(g.equal(size, zero), atZero, g.select(isInfinite, atInfinity, positive));
  const ofNegative = g.select(isOdd, g.negate(regular), g.select(g.or(isWhole, isInfinite), regular, nan));
  const signed = g.select(g.less(x, zero), ofNegative, regular);
  const isNumber = g.and(g.equal(x, x), g.equal(y, y));
  return g.select(g.equal(y, zero), one, g.select(isNumber, signed, nan));
}

/** Largest whole exponent that is multiplied out. */
const MOST_MULTIPLIED = 64;

/**
 * x^y for an exponent known beforehand: whole ones up to 64 by repeated squaring, within |y| units in the last place; ½ as √x, so that -0 stays -0 and
 * -Infinity gives NaN; others as {@link power}.
 */
export function constantPower(g: GraphBuilder, x: Node, exponent: number): Node {
  const size = Math.abs(exponent);
  if (exponent === 0.5) return g.squareRoot(x);
  if (!Number.isInteger(exponent) || size > MOST_MULTIPLIED) return g.call?.('power', [x, g.constant(exponent)]) ?? power(g, x, g.constant(exponent));
  if (size === 0) return g.constant(1);
  let result: Node | null = null;
  for (let rest = size, square = x; rest > 0; rest = Math.floor(rest / 2), square = g.multiply(square, square)) {
    if (rest % 2 === 1) result = result === null ? square : g.multiply(result, square);
  }
  return exponent < 0 ? g.divide(g.constant(1), result as Node) : (result as Node);
}

function positivePower(g: GraphBuilder, x: Node, y: Node): Node {
  const { high, low } = logPair(g, x);
  // Larger exponents overflow or underflow for every x but 1; the bound keeps their products finite.
  const bound = g.constant(2 ** 70);
  const capped = g.select(g.less(bound, y), bound, g.select(g.less(y, g.negate(bound)), g.negate(bound), y));
  const product = g.multiply(capped, high);
  const rest = g.add(productRest(g, capped, high, product), g.multiply(capped, low));
  const within = g.less(g.absolute(product), g.constant(800));
  return expOfPair(g, product, g.select(within, rest, g.constant(0)));
}

/** ln x = high + low for positive finite x. */
function logPair(g: GraphBuilder, x: Node): { readonly high: Node; readonly low: Node } {
  const { k, f } = exponentAndFraction(g, x);
  const two = g.constant(2);
  // s = f/(2 + f) as a pair.
  const bottom = g.add(two, f);
  const bottomRest = sumRest(g, two, f, bottom);
  const s = g.divide(f, bottom);
  const back = g.multiply(s, bottom);
  const remainder = g.subtract(g.subtract(g.subtract(f, back), productRest(g, s, bottom, back)), g.multiply(s, bottomRest));
  const sLow = g.divide(remainder, bottom);
  // z = s², w = s³, both as pairs.
  const z = g.multiply(s, s);
  const zLow = g.add(productRest(g, s, s, z), g.multiply(two, g.multiply(s, sLow)));
  const w = g.multiply(z, s);
  const wLow = g.add(productRest(g, z, s, w), g.add(g.multiply(z, sLow), g.multiply(zLow, s)));
  const third = g.constant(TWO_THIRDS);
  const t = g.multiply(w, third);
  const tLow = g.add(productRest(g, w, third, t), g.add(g.multiply(wLow, third), g.multiply(w, g.constant(TWO_THIRDS_LOW))));
  const tail = g.multiply(g.multiply(w, z), polynomial(g, SERIES, z));
  // k ln 2 + 2s + t + tail, the largest first.
  const kHigh = g.multiply(k, g.constant(LN2[0]));
  const kLow = g.multiply(k, g.constant(LN2[1]));
  const s2 = g.multiply(two, s);
  const isPower = g.equal(k, g.constant(0));
  const [larger, smaller] = [g.select(isPower, s2, kHigh), g.select(isPower, kHigh, s2)];
  const first = g.add(larger, smaller);
  const firstRest = sumRest(g, larger, smaller, first);
  const second = g.add(first, t);
  const secondRest = sumRest(g, first, t, second);
  const low = g.add(g.add(g.add(g.multiply(two, sLow), tLow), g.add(firstRest, secondRest)), g.add(kLow, tail));
  const high = g.add(second, low);
  return { high, low: sumRest(g, second, low, high) };
}

/** ln 2: k times the first part is exact, the second continues it. */
const LN2: readonly number[] = [0.6931471803691238, 1.9082149292705877e-10];
const TWO_THIRDS = 2 / 3;
/** 2/3 minus its nearest float64: 2/3·2^-54. */
const TWO_THIRDS_LOW = (2 / 3) * 2 ** -54;
/** 2/(2j + 5) for j = 11 … 0: with z ≤ 0.0295 the first term left out is below 2^-66 of the sum. */
const SERIES: readonly number[] = Array.from({ length: 12 }, (_, k) => 2 / (27 - 2 * k));
