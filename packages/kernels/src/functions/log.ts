/**
 * Natural logarithm: x = 2^k (1 + f) with √½ < 1 + f < √2, s = f/(2 + f), and log(1 + f) as in fdlibm's e_log.c (Sun Microsystems 1993), whose
 * coefficients these are.
 */
import type { GraphBuilder, Node } from '../graph.ts';
import { LN2_HIGH, LN2_LOW } from './exp.ts';
import { polynomial } from './polynomial.ts';

/** ln x; -Infinity at 0, NaN below, right for subnormal x. */
export function log(g: GraphBuilder, x: Node): Node {
  const { k, f } = exponentAndFraction(g, x);
  const s = g.divide(f, g.add(g.constant(2), f));
  const z = g.multiply(s, s);
  const r = g.multiply(z, polynomial(g, LOG, z));
  const half = g.multiply(g.constant(0.5), g.multiply(f, f));
  const inner = g.add(g.multiply(s, g.add(half, r)), g.multiply(k, g.constant(LN2_LOW)));
  const value = g.subtract(g.multiply(k, g.constant(LN2_HIGH)), g.subtract(g.subtract(half, inner), f));
  return atEnds(g, x, value);
}

/** The values where the formula does not hold: x ≤ 0, infinite, NaN. */
export function atEnds(g: GraphBuilder, x: Node, value: Node): Node {
  const [zero, infinity] = [g.constant(0), g.constant(Number.POSITIVE_INFINITY)];
  const regular = g.and(g.less(zero, x), g.less(x, infinity));
  const special = g.select(g.equal(x, zero), g.negate(infinity), g.select(g.equal(x, infinity), infinity, g.constant(Number.NaN)));
  return g.select(regular, value, special);
}

/** x = 2^k (1 + f) with 1 + f in [√½, √2), for positive finite x. */
export function exponentAndFraction(g: GraphBuilder, x: Node): { readonly k: Node; readonly f: Node } {
  // Subnormal numbers are brought into the normal range first.
  const tiny = g.less(x, g.constant(2 ** -1022));
  const normal = g.select(tiny, g.multiply(x, g.constant(2 ** 54)), x);
  const mantissa = g.mantissa(normal);
  const upper = g.floor(g.multiply(mantissa, g.constant(Math.SQRT1_2)));
  const exponent = g.add(g.exponent(normal), upper);
  return {
    k: g.select(tiny, g.subtract(exponent, g.constant(54)), exponent),
    f: g.subtract(g.multiply(mantissa, g.subtract(g.constant(1), g.multiply(g.constant(0.5), upper))), g.constant(1)),
  };
}

/** fdlibm e_log.c, Lg7 … Lg1: |error| < 2^-58.45. */
const LOG: readonly number[] = [
  1.479819860511658591e-1, 1.531383769920937332e-1, 1.818357216161805012e-1, 2.222219843214978396e-1, 2.857142874366239149e-1,
  3.999999999940941908e-1, 6.66666666666673513e-1,
];
