/** Functions that choose: minimum, maximum, sign. NaN goes through all of them. */
import type { GraphBuilder, Node } from '../graph.ts';

/** The smallest argument; NaN if any is NaN. */
export function min(g: GraphBuilder, ...list: Node[]): Node {
  return list.reduce((a, b) => g.select(g.less(a, b), a, g.select(g.lessEqual(b, a), b, g.add(a, b))));
}

/** The largest argument; NaN if any is NaN. */
export function max(g: GraphBuilder, ...list: Node[]): Node {
  return list.reduce((a, b) => g.select(g.less(b, a), a, g.select(g.lessEqual(a, b), b, g.add(a, b))));
}

/** -1, 0 or 1; zeros keep their sign, NaN stays NaN. */
export function sign(g: GraphBuilder, x: Node): Node {
  const zero = g.constant(0);
  return g.select(g.less(zero, x), g.constant(1), g.select(g.less(x, zero), g.constant(-1), x));
}
