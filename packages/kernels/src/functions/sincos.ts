/**
 * Sine, cosine and tangent: x = n·π/2 + r with |r| ≤ π/4, then the polynomials of fdlibm's k_sin.c and k_cos.c (Sun Microsystems 1993).
 *
 * π/2 is subtracted in four parts (Cody & Waite 1980): three of 26 bits, so that their products with |n| < 2^27 are exact, and the rest; r is kept as a
 * pair. Beyond |x| = 2^27 the products are rounded and accuracy is lost gradually; r is then held within [-π/4, π/4], so that results stay in [-1, 1].
 */
import type { GraphBuilder, Node } from '../graph.ts';
import { polynomial, productRest, roundToInteger, sumRest } from './polynomial.ts';

/** Sine and cosine of one argument, sharing the reduction. */
export function sincos(g: GraphBuilder, x: Node): { readonly sin: Node; readonly cos: Node } {
  const { quadrant, sine, cosine } = inQuadrant(g, x);
  const isQuadrant = (k: number): Node => g.equal(quadrant, g.constant(k));
  const swapped = g.or(isQuadrant(1), isQuadrant(3));
  const [a, b] = [g.select(swapped, cosine.high, sine.high), g.select(swapped, sine.high, cosine.high)];
  return {
    sin: g.select(g.less(g.constant(1.5), quadrant), g.negate(a), a),
    cos: g.select(g.or(isQuadrant(1), isQuadrant(2)), g.negate(b), b),
  };
}

/** sin x; NaN for infinite x. */
export function sin(g: GraphBuilder, x: Node): Node {
  // The sine of -0 is -0, which the reduction loses.
  return g.select(g.equal(x, g.constant(0)), x, sincos(g, x).sin);
}

/** cos x; NaN for infinite x. */
export function cos(g: GraphBuilder, x: Node): Node {
  return sincos(g, x).cos;
}

/** tan x = sin x / cos x, the quotient of pairs, so that it is rounded but once; NaN for infinite x. */
export function tan(g: GraphBuilder, x: Node): Node {
  const { quadrant, sine, cosine } = inQuadrant(g, x);
  const half = g.multiply(g.constant(0.5), quadrant);
  const swapped = g.not(g.equal(g.floor(half), half));
  const choose = (a: Pair, b: Pair): Pair => ({ high: g.select(swapped, a.high, b.high), low: g.select(swapped, a.low, b.low) });
  const [top, bottom] = [choose(cosine, sine), choose(sine, cosine)];
  const quotient = g.divide(top.high, bottom.high);
  const back = g.multiply(quotient, bottom.high);
  const remainder = g.subtract(g.subtract(top.high, back), productRest(g, quotient, bottom.high, back));
  const rest = g.divide(g.add(remainder, g.subtract(top.low, g.multiply(quotient, bottom.low))), bottom.high);
  const value = g.add(quotient, rest);
  return g.select(g.equal(x, g.constant(0)), x, g.select(swapped, g.negate(value), value));
}

/** high + low, low below half a unit in the last place of high. */
interface Pair {
  readonly high: Node;
  readonly low: Node;
}

/** sin r and cos r for x = quadrant·π/2 + r. */
function inQuadrant(g: GraphBuilder, x: Node): { readonly quadrant: Node; readonly sine: Pair; readonly cosine: Pair } {
  const { quadrant, r, low } = reduce(g, x);
  const z = g.multiply(r, r);
  const half = g.multiply(g.constant(0.5), z);
  const v = g.multiply(z, r);
  const tail = polynomial(g, SINE, z);
  const lack = g.subtract(
    g.subtract(g.multiply(z, g.subtract(g.multiply(g.constant(0.5), low), g.multiply(v, tail))), low),
    g.multiply(v, g.constant(SINE_FIRST)),
  );
  const sine = g.subtract(r, lack);
  const w = g.subtract(g.constant(1), half);
  const correction = g.subtract(g.multiply(z, g.multiply(z, polynomial(g, COSINE, z))), g.multiply(r, low));
  const excess = g.add(g.subtract(g.subtract(g.constant(1), w), half), correction);
  const cosine = g.add(w, excess);
  return {
    quadrant,
    sine: { high: sine, low: g.subtract(g.subtract(r, sine), lack) },
    cosine: { high: cosine, low: sumRest(g, w, excess, cosine) },
  };
}

function reduce(g: GraphBuilder, x: Node): { readonly quadrant: Node; readonly r: Node; readonly low: Node } {
  const n = roundToInteger(g, g.multiply(x, g.constant(TWO_OVER_PI)));
  const first = g.subtract(x, g.multiply(n, g.constant(HALF_PI[0])));
  const secondPart = g.multiply(n, g.constant(HALF_PI[1]));
  const second = g.subtract(first, secondPart);
  const secondRest = g.subtract(g.subtract(first, second), secondPart);
  const thirdPart = g.multiply(n, g.constant(HALF_PI[2]));
  const third = g.subtract(second, thirdPart);
  const thirdRest = g.subtract(g.subtract(second, third), thirdPart);
  const rest = g.subtract(g.add(secondRest, thirdRest), g.multiply(n, g.constant(HALF_PI[3])));
  const sum = g.add(third, rest);
  const limit = g.constant(0.79);
  const capped = g.select(g.less(limit, sum), limit, g.select(g.less(sum, g.negate(limit)), g.negate(limit), sum));
  const low = g.select(g.equal(capped, sum), g.subtract(rest, g.subtract(sum, third)), g.constant(0));
  const quadrant = g.subtract(n, g.multiply(g.constant(4), g.floor(g.multiply(n, g.constant(0.25)))));
  return { quadrant, r: capped, low };
}

const TWO_OVER_PI = 0.6366197723675814;
/** π/2 in parts of 26, 26, 26 and 53 bits (mpmath, 80 digits). */
const HALF_PI: readonly number[] = [1.5707963109016418, 1.5893254712295857e-8, 6.123233932053594e-17, 6.36831716351095e-25];

/** fdlibm k_sin.c: S1, and S6 … S2. */
const SINE_FIRST = -1.66666666666666324348e-1;
const SINE: readonly number[] = [
  1.58969099521155010221e-10, -2.50507602534068634195e-8, 2.75573137070700676789e-6, -1.98412698298579493134e-4, 8.33333333332248946124e-3,
];

/** fdlibm k_cos.c: C6 … C1. */
const COSINE: readonly number[] = [
  -1.13596475577881948265e-11, 2.0875723212981748279e-9, -2.75573143513906633035e-7, 2.48015872894767294178e-5, -1.38888888888741095749e-3,
  4.16666666666666019037e-2,
];
