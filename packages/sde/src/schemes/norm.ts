/** Euclidean norms over all variables of an equation. */
import type { GraphBuilder, Node } from '@ergoflow/kernels';
import type { Values } from '../equations.ts';

/** √Σ v², the sum over all components of all variables. */
export function norm(g: GraphBuilder, values: Values): Node {
  const squares = [...values.values()].map((value) => g.sum(g.multiply(value, value)));
  return g.squareRoot(squares.reduce((total, square) => g.add(total, square)));
}
