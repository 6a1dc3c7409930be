/** Pieces that several functions are made of. */
import type { GraphBuilder, Node } from '../graph.ts';

/** Horner's scheme, highest power first. */
export function polynomial(g: GraphBuilder, coefficients: readonly number[], x: Node): Node {
  return coefficients.slice(1).reduce((total, coefficient) => g.add(g.multiply(total, x), g.constant(coefficient)), g.constant(coefficients[0]));
}

/** The nearest whole number for |x| < 2^51, ties to even: adding 1.5·2^52 leaves no bits for a fraction. */
export function roundToInteger(g: GraphBuilder, x: Node): Node {
  const shift = g.constant(1.5 * 2 ** 52);
  return g.subtract(g.add(x, shift), shift);
}

/** The exact rest of a product: a·b = product + rest (Dekker 1971), unless a part overflows or underflows. */
export function productRest(g: GraphBuilder, a: Node, b: Node, product: Node): Node {
  const [aHigh, bHigh] = [upperHalf(g, a), upperHalf(g, b)];
  const [aLow, bLow] = [g.subtract(a, aHigh), g.subtract(b, bHigh)];
  const first = g.subtract(product, g.multiply(aHigh, bHigh));
  const second = g.subtract(first, g.multiply(aLow, bHigh));
  return g.subtract(g.multiply(aLow, bLow), g.subtract(second, g.multiply(aHigh, bLow)));
}

/** The upper 26 bits; 2^27 + 1 is Dekker's constant for float64. */
function upperHalf(g: GraphBuilder, x: Node): Node {
  const scaled = g.multiply(g.constant(2 ** 27 + 1), x);
  return g.subtract(scaled, g.subtract(scaled, x));
}

/** The exact rest of a sum: a + b = sum + rest for |a| ≥ |b| (Dekker 1971). */
export function sumRest(g: GraphBuilder, a: Node, b: Node, sum: Node): Node {
  return g.subtract(b, g.subtract(sum, a));
}

/** The size of `size`, with the sign of `x` and its zeros' sign; for size ≥ 0. */
export function withSign(g: GraphBuilder, size: Node, x: Node): Node {
  const zero = g.constant(0);
  return g.select(g.less(x, zero), g.negate(size), g.select(g.equal(x, zero), x, size));
}
