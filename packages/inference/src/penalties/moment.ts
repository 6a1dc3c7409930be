/** The p-th moment E ‖y‖^p in the Euclidean norm: keeps mass from escaping (the penalty of the method's source text). */
import type { Tensor } from '@ergoflow/kernels';
import type { Penalty } from './penalty.ts';

/**
 * Makes the penalty.
 *
 * @param order p > 0. Even ones are polynomials; others add 1e-12 to ‖y‖², whose root has no gradient at 0.
 */
export function moment(order: number): Penalty {
  if (!(order > 0)) throw new RangeError(`order of a moment must be > 0, got ${order}`);
  return (g, { value, mean }) => {
    const square = g.sumRows(g.multiply(value, value));
    if (order % 2 !== 0) return mean(g.exp(g.multiply(g.constant(order / 2), g.log(g.add(square, g.constant(1e-12))))));
    let power: Tensor = square;
    for (let k = 2; k < order; k += 2) power = g.multiply(power, square);
    return mean(power);
  };
}
