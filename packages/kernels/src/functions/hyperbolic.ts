/** Hyperbolic functions, from e^|x| - 1, so that nothing cancels at 0 and oddness is exact. */
import type { GraphBuilder, Node } from '../graph.ts';
import { exp, expm1, halfExp } from './exp.ts';
import { withSign } from './polynomial.ts';

/** tanh x = -t/(t + 2) with t = e^(-2|x|) - 1. */
export function tanh(g: GraphBuilder, x: Node): Node {
  const t = expm1(g, g.multiply(g.constant(-2), g.absolute(x)));
  return withSign(g, g.divide(g.negate(t), g.add(t, g.constant(2))), x);
}

/** sinh x = ½(t + t/(t + 1)) with t = e^|x| - 1; ½e^|x| where the rest is below rounding. */
export function sinh(g: GraphBuilder, x: Node): Node {
  const size = g.absolute(x);
  const t = expm1(g, size);
  const small = g.multiply(g.constant(0.5), g.add(t, g.divide(t, g.add(t, g.constant(1)))));
  return withSign(g, g.select(g.less(g.constant(LARGE), size), halfExp(g, size), small), x);
}

/** cosh x = ½(e^|x| + e^-|x|). */
export function cosh(g: GraphBuilder, x: Node): Node {
  const size = g.absolute(x);
  const e = exp(g, size);
  const small = g.multiply(g.constant(0.5), g.add(e, g.divide(g.constant(1), e)));
  return g.select(g.less(g.constant(LARGE), size), halfExp(g, size), small);
}

/** e^-2x is below half a unit in the last place of 1 beyond this. */
const LARGE = 22;
