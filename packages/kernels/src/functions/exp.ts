/**
 * Exponential functions: exp, and expm1 as the others need it.
 *
 * x = n ln 2 + r with |r| ≤ ½ ln 2, and exp r by the rational form of fdlibm's e_exp.c (Sun Microsystems 1993), whose coefficients these are.
 */
import type { GraphBuilder, Node } from '../graph.ts';
import { polynomial, roundToInteger } from './polynomial.ts';

/** ln 2 in two parts: n·HIGH is exact for |n| < 2^20. */
export const LN2_HIGH = 0.6931471803691238;
export const LN2_LOW = 1.9082149292705877e-10;

/** e^x; 0 below -746, Infinity above 709.79; subnormal results are rounded twice. */
export function exp(g: GraphBuilder, x: Node): Node {
  return expOfPair(g, x, g.constant(0));
}

/** e^(x + low), low small against x. */
export function expOfPair(g: GraphBuilder, x: Node, low: Node): Node {
  const { n, p } = reduced(g, clamp(g, x, -800, 800), low);
  return scaled(g, n, p);
}

/** ½e^x, also where e^x alone overflows. */
export function halfExp(g: GraphBuilder, x: Node): Node {
  const { n, p } = reduced(g, clamp(g, x, -800, 800), g.constant(0));
  return scaled(g, g.subtract(n, g.constant(1)), p);
}

/** 2^n (1 + p); in two factors, as 2^n itself may be out of range where the result is not. */
function scaled(g: GraphBuilder, n: Node, p: Node): Node {
  const half = g.floor(g.multiply(n, g.constant(0.5)));
  return g.multiply(g.multiply(g.add(g.constant(1), p), g.powerOfTwo(half)), g.powerOfTwo(g.subtract(n, half)));
}

/** e^x - 1, without cancellation at 0; for x ≤ 700. */
export function expm1(g: GraphBuilder, x: Node): Node {
  const { n, p } = reduced(g, clamp(g, x, -60, 700), g.constant(0));
  const scale = g.powerOfTwo(n);
  return g.add(g.multiply(scale, p), g.subtract(scale, g.constant(1)));
}

/** Keeps x within [low, high] and lets NaN through. */
function clamp(g: GraphBuilder, x: Node, low: number, high: number): Node {
  const capped = g.select(g.less(g.constant(high), x), g.constant(high), x);
  return g.select(g.less(capped, g.constant(low)), g.constant(low), capped);
}

/** n, and p = e^r - 1 for x + low = n ln 2 + r. */
function reduced(g: GraphBuilder, x: Node, low: Node): { readonly n: Node; readonly p: Node } {
  const n = roundToInteger(g, g.multiply(x, g.constant(Math.LOG2E)));
  const high = g.subtract(x, g.multiply(n, g.constant(LN2_HIGH)));
  const rest = g.subtract(g.multiply(n, g.constant(LN2_LOW)), low);
  const r = g.subtract(high, rest);
  const z = g.multiply(r, r);
  const c = g.subtract(r, g.multiply(z, polynomial(g, EXP, z)));
  const quotient = g.divide(g.multiply(r, c), g.subtract(g.constant(2), c));
  return { n, p: g.add(g.subtract(quotient, rest), high) };
}

/** fdlibm e_exp.c, P5 … P1. */
const EXP: readonly number[] = [
  4.13813679705723846039e-8, -1.6533902205465251539e-6, 6.61375632143793436117e-5, -2.77777777770155933842e-3, 1.66666666666666019037e-1,
];
