/**
 * Elementary functions in float32, as macros over the arithmetic graph that are evaluated in float32 throughout.
 *
 * Shorter polynomials than those of float64 (Chebyshev and minimax fits, mpmath, 40 digits). Errors in units of the last place: at most 2 for exp, log,
 * sin and cos (of numbers of size 1/16 near their zeros), 3 for atan and erf, 6 for tanh.
 */
import { polynomial, withSign } from '../../functions/polynomial.ts';
import type { GraphBuilder, Node } from '../../graph.ts';

/** A function of one number, built of primitives. */
export type Macro = (g: GraphBuilder, x: Node) => Node;

/** The nearest whole number for |x| < 2^22: adding 1.5·2^23 leaves no bits for a fraction. */
function round(g: GraphBuilder, x: Node): Node {
  const shift = g.constant(1.5 * 2 ** 23);
  return g.subtract(g.add(x, shift), shift);
}

/** Keeps x within [low, high] and lets NaN through. */
function clamp(g: GraphBuilder, x: Node, low: number, high: number): Node {
  const capped = g.select(g.less(g.constant(high), x), g.constant(high), x);
  return g.select(g.less(capped, g.constant(low)), g.constant(low), capped);
}

/** ln 2 in two parts: n·LN2[0] is exact for |n| < 2^11. */
const LN2: readonly number[] = [0.693115234375, 3.194618329871446e-5];

/** (e^r - 1 - r)/r² for |r| ≤ ½ ln 2, relative error of e^r 8e-9. */
const EXP: readonly number[] = [0.0013926926614021907, 0.008363773874405574, 0.04166655011030512, 0.16666573381900845, 0.5];

/** e^x; 0 below -104, Infinity above 88.73, subnormal results included. */
function exp(g: GraphBuilder, x: Node): Node {
  const capped = clamp(g, x, -104, 89);
  const n = round(g, g.multiply(capped, g.constant(Math.LOG2E)));
  const r = g.subtract(g.subtract(capped, g.multiply(n, g.constant(LN2[0]))), g.multiply(n, g.constant(LN2[1])));
  const p = g.add(g.add(g.multiply(g.multiply(r, r), polynomial(g, EXP, r)), r), g.constant(1));
  const half = g.floor(g.multiply(n, g.constant(0.5)));
  return g.multiply(g.multiply(p, g.powerOfTwo(half)), g.powerOfTwo(g.subtract(n, half)));
}

/** (log((1 + s)/(1 - s))/s - 2)/s² as a polynomial in s². */
const LOG: readonly number[] = [0.23353427603651186, 0.2854996859130847, 0.4000012942695626, 0.6666666654512713];

/** ln x; -Infinity at 0, NaN below, right for subnormal x. */
function log(g: GraphBuilder, x: Node): Node {
  const [zero, infinity] = [g.constant(0), g.constant(Number.POSITIVE_INFINITY)];
  const tiny = g.less(x, g.constant(2 ** -126));
  const normal = g.select(tiny, g.multiply(x, g.constant(2 ** 25)), x);
  const mantissa = g.mantissa(normal);
  const isUpper = g.less(g.constant(Math.SQRT2), mantissa);
  const f = g.subtract(g.select(isUpper, g.multiply(mantissa, g.constant(0.5)), mantissa), g.constant(1));
  const shift = g.add(g.select(tiny, g.constant(-25), zero), g.select(isUpper, g.constant(1), zero));
  const k = g.add(g.exponent(normal), shift);
  const s = g.divide(f, g.add(g.constant(2), f));
  const z = g.multiply(s, s);
  const half = g.multiply(g.constant(0.5), g.multiply(f, f));
  const inner = g.add(g.multiply(s, g.add(half, g.multiply(z, polynomial(g, LOG, z)))), g.multiply(k, g.constant(LN2[1])));
  const value = g.subtract(g.multiply(k, g.constant(LN2[0])), g.subtract(g.subtract(half, inner), f));
  const regular = g.and(g.less(zero, x), g.less(x, infinity));
  return g.select(regular, value, g.select(g.equal(x, zero), g.negate(infinity), g.select(g.equal(x, infinity), infinity, g.constant(Number.NaN))));
}

/** tanh(√z)/√z = P(z)/Q(z) for z ≤ 9.02², relative error 2.1e-8. */
const TANH = {
  top: [1.3319006505991829e-8, 2.0583430765146897e-5, 0.003494031349760676, 0.1337971519056227, 0.9999999790092674],
  bottom: [7.761991692082186e-7, 0.00032830876890628, 0.025871060842054653, 0.4671303042826776, 1],
};

/** tanh x, 1 to the last bit from 9.02 on. */
function tanh(g: GraphBuilder, x: Node): Node {
  const capped = clamp(g, x, -9.02, 9.02);
  const z = g.multiply(capped, capped);
  return g.divide(g.multiply(capped, polynomial(g, TANH.top, z)), polynomial(g, TANH.bottom, z));
}

/** π/2 in parts of 11 bits and the rest: n times a part is exact for |n| < 2^13. */
const HALF_PI: readonly number[] = [1.5703125, 0.0004837512969970703, 7.549533620476723e-8, 2.5633440682570896e-12];
const SIN: readonly number[] = [-0.000195828306788358, 0.008332724613783694, -0.16666664539365847];
const COS: readonly number[] = [2.4542871110870263e-5, -0.0013888279330556918, 0.04166666453632113];

/** sin(x + quarter turns); beyond |x| = 12 000 as accurate as x's own rounding allows, NaN for infinite x. */
function turned(g: GraphBuilder, x: Node, quarters: number): Node {
  const scaled = g.multiply(x, g.constant(2 / Math.PI));
  const n = g.floor(g.add(scaled, g.constant(0.5)));
  const r = HALF_PI.reduce((rest, part) => g.subtract(rest, g.multiply(n, g.constant(part))), x);
  const capped = clamp(g, r, -0.79, 0.79);
  const z = g.multiply(capped, capped);
  const sine = g.add(capped, g.multiply(g.multiply(capped, z), polynomial(g, SIN, z)));
  const cosine = g.add(g.subtract(g.constant(1), g.multiply(g.constant(0.5), z)), g.multiply(g.multiply(z, z), polynomial(g, COS, z)));
  const m = quarters === 0 ? n : g.add(n, g.constant(quarters));
  const quadrant = g.subtract(m, g.multiply(g.constant(4), g.floor(g.multiply(m, g.constant(0.25)))));
  const isOdd = g.or(g.equal(quadrant, g.constant(1)), g.equal(quadrant, g.constant(3)));
  const value = g.select(isOdd, cosine, sine);
  return g.select(g.less(g.constant(1.5), quadrant), g.negate(value), value);
}

/** (atan(√z)/√z - 1)/z for √z ≤ tan π/8. */
const ATAN: readonly number[] = [-0.06410030995441642, 0.10730962600139717, -0.14262762257502812, 0.19999505690012037, -0.3333333160823573];

/** atan x: beyond tan 3π/8 by -1/x, beyond tan π/8 by (x - 1)/(x + 1). */
function atan(g: GraphBuilder, x: Node): Node {
  const size = g.absolute(x);
  const one = g.constant(1);
  const [far, near] = [g.less(g.constant(2.414213562373095), size), g.less(size, g.constant(0.4142135623730951))];
  const top = g.select(far, g.constant(-1), g.subtract(size, one));
  const bottom = g.select(far, size, g.add(size, one));
  const t = g.select(near, size, g.divide(top, bottom));
  const start = g.select(near, g.constant(0), g.select(far, g.constant(Math.PI / 2), g.constant(Math.PI / 4)));
  const z = g.multiply(t, t);
  return withSign(g, g.add(start, g.add(t, g.multiply(g.multiply(t, z), polynomial(g, ATAN, z)))), x);
}

/** erf(√z)/√z on [0, 1]. */
const ERF_INNER: readonly number[] = [
  7.875875062685488e-5, -0.000801686428716587, 0.005189087423433974, -0.026854212010626412, 0.11283594715160218, -0.37612626666720334,
  1.1283791658483509,
];
/** erfc(x) e^(x²), x = 2(1 + u)/(1 - u), for x in [1, 4]. */
const ERF_OUTER: readonly number[] = [
  -0.0009441596340872735, -0.0008365899736486057, 0.006994855413599958, 0.0037321413513030097, -0.07897852327253349, 0.24165821109072444,
  -0.42718584761434303, 0.25539567625190335,
];

/** erf x, by the same form as in float64; 1 to the last bit from 4 on. */
function erf(g: GraphBuilder, x: Node): Node {
  const size = g.absolute(x);
  const [one, two, four] = [g.constant(1), g.constant(2), g.constant(4)];
  const inner = g.multiply(x, polynomial(g, ERF_INNER, g.multiply(x, x)));
  const capped = g.select(g.less(four, size), four, size);
  const u = g.divide(g.subtract(capped, two), g.add(capped, two));
  const complement = g.multiply(exp(g, g.negate(g.multiply(capped, capped))), polynomial(g, ERF_OUTER, u));
  return g.select(g.less(size, one), inner, withSign(g, g.subtract(one, complement), x));
}

/** The functions by name. */
export const FUNCTIONS_32: Readonly<Record<string, Macro>> = {
  exp,
  log,
  tanh,
  sin: (g, x) => turned(g, x, 0),
  cos: (g, x) => turned(g, x, 1),
  atan,
  erf,
};
