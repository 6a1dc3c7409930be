/**
 * Standard normals from 64 random bits a pair.
 *
 * Box & Muller (1958): with U, V uniform on (0, 1), R = √(-2 ln U), (R cos 2πV, R sin 2πV) are two independent normals. U has 40 bits, V 24, both
 * at midpoints: u = (k + ½)·2^-40, v = (j + ½)·2^-24. The law of R ends at 7.54 (a tail of 4.5e-13 is cut off); for each of the two normals the
 * midpoint rule in V is exact to rounding, as the integrand is periodic and analytic.
 *
 * Logarithm, sine and cosine are written for just these arguments, without choices: a choice on random bits is a branch that a processor guesses
 * wrong every second time, or work done twice in a SIMD lane.
 */
import { polynomial } from './functions/polynomial.ts';
import type { GraphBuilder, Node } from './graph.ts';

/**
 * Builds a pair of normals.
 *
 * @param radiusBits The upper 40 bits of a random 64-bit number, as a whole number.
 * @param angleBits Its lower 24 bits.
 */
export function normalPair(g: GraphBuilder, radiusBits: Node, angleBits: Node): readonly [Node, Node] {
  const u = g.multiply(g.add(radiusBits, g.constant(0.5)), g.constant(2 ** -40));
  const turns = g.multiply(g.add(angleBits, g.constant(0.5)), g.constant(2 ** -24));
  const { k, f } = partsOfUnit(g, u);
  return normalPairOf(g, k, f, g.subtract(turns, g.constant(0.5)));
}

/** The same from v - ½ and u = 2^k (1 + f), for targets that have a shorter way from bits to them; both ways are exact. */
export function normalPairOf(g: GraphBuilder, k: Node, f: Node, centred: Node): readonly [Node, Node] {
  const ln = logOfParts(g, k, f);
  const radius = g.squareRoot(g.negate(g.add(ln, ln)));
  const { sin, cos } = sincosOfCentred(g, centred);
  return [g.multiply(radius, cos), g.multiply(radius, sin)];
}

/** ln u for normal u in (0, 1), within 2 ulp: u = m·2^k with m = 1 + f in [√½, √2), s = f/(2 + f), ln m = 2s + s·R(s²). */
export function logOfUnit(g: GraphBuilder, u: Node): Node {
  const { k, f } = partsOfUnit(g, u);
  return logOfParts(g, k, f);
}

function logOfParts(g: GraphBuilder, k: Node, f: Node): Node {
  const s = g.divide(f, g.add(g.constant(2), f));
  const z = g.multiply(s, s);
  const ln = g.multiply(s, g.add(g.constant(2), g.multiply(polynomial(g, LOG, z), z)));
  return g.add(g.multiply(k, g.constant(Math.LN2)), ln);
}

function partsOfUnit(g: GraphBuilder, u: Node): { readonly k: Node; readonly f: Node } {
  const mantissa = g.mantissa(u);
  // 1 where the mantissa is √2 or more, else 0.
  const upper = g.floor(g.multiply(mantissa, g.constant(Math.SQRT1_2)));
  const f = g.subtract(g.multiply(mantissa, g.subtract(g.constant(1), g.multiply(g.constant(0.5), upper))), g.constant(1));
  return { k: g.add(g.exponent(u), upper), f };
}

/** The least mantissa m with `upper` = 1, as its 52 bits: the product with √½ is rounded, so it is looked for next to √2. */
export function leastUpperMantissa(): bigint {
  const bits = new BigUint64Array(1);
  const value = new Float64Array(bits.buffer);
  value[0] = Math.SQRT2;
  while (value[0] * Math.SQRT1_2 >= 1) bits[0]--;
  while (value[0] * Math.SQRT1_2 < 1) bits[0]++;
  return bits[0] & 0xfffffffffffffn;
}

/** sin 2πv and cos 2πv for v in [0, 1), within 2^-49 absolutely, which no number of samples shows: with r = v - ½, sin 2πv = -2 sin πr cos πr and cos 2πv = 2 sin² πr - 1. */
export function sincosOfTurns(g: GraphBuilder, v: Node): { readonly sin: Node; readonly cos: Node } {
  return sincosOfCentred(g, g.subtract(v, g.constant(0.5)));
}

function sincosOfCentred(g: GraphBuilder, r: Node): { readonly sin: Node; readonly cos: Node } {
  const z = g.multiply(r, r);
  const sine = g.multiply(r, polynomial(g, SINE, z));
  const cosine = polynomial(g, COSINE, z);
  // Twice by addition: processors have more to do with multiplications here.
  const twice = g.add(sine, sine);
  return { sin: g.negate(g.multiply(twice, cosine)), cos: g.subtract(g.multiply(twice, sine), g.constant(1)) };
}

/** R(z)/z of fdlibm's e_log.c (Sun Microsystems 1993), Lg7 … Lg1: |error| of R < 2^-58.45 on [0, 0.1716²]. */
const LOG: readonly number[] = [
  1.479819860511658591e-1, 1.531383769920937332e-1, 1.818357216161805012e-1, 2.222219843214978396e-1, 2.857142874366239149e-1,
  3.999999999940941908e-1, 6.66666666666673513e-1,
];

/** Chebyshev fit of sin(πr)/r in z = r² on [0, ¼], error 6.6e-19 (mpmath: chebyfit(lambda z: sin(pi*sqrt(z))/sqrt(z), [0, 0.25], 9)). */
const SINE: readonly number[] = [
  7.697826768224191e-7, -2.1903497074626018e-5, 0.0004662998161898394, -0.007370430505916944, 0.0821458865731029, -0.5992645293189447,
  2.5501640398773007, -5.167712780049969, 3.141592653589793,
];

/** Chebyshev fit of cos(πr) in z = r² on [0, ¼], error 4.0e-18 (mpmath: chebyfit(lambda z: cos(pi*sqrt(z)), [0, 0.25], 9)). */
const COSINE: readonly number[] = [
  4.149564353942586e-6, -0.00010456655338748738, 0.0019295562724817132, -0.025806888737002202, 0.23533063012953284, -1.335262768843447,
  4.058712126416497, -4.934802200544676, 1,
];
