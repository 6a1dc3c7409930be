/** The function φ₁(z) = (e^z - 1)/z of exponential integrators. */
import { FUNCTIONS, type GraphBuilder, type Node } from '@ergoflow/kernels';

/** φ₁(z), 1 at 0; with t = tanh(z/2), (e^z - 1)/z = 2t/((1 - t) z) for z ≤ 0, where nothing cancels, and φ₁(z) = e^z φ₁(-z). */
export function phi(g: GraphBuilder, z: Node): Node {
  const [zero, one, two] = [0, 1, 2].map((value) => g.constant(value));
  const negative = g.negate(g.absolute(z));
  const t = FUNCTIONS.tanh.build(g, g.divide(negative, two));
  const value = g.divide(g.multiply(two, t), g.multiply(g.subtract(one, t), negative));
  const below = g.select(g.equal(z, zero), one, value);
  return g.select(g.less(zero, z), g.multiply(FUNCTIONS.exp.build(g, z), below), below);
}
