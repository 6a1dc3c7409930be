/** Laws whose density is known up to its factor: masses of cells by the midpoint rule, which converges faster than any power where densities are smooth. */
import { scalarFunction } from '@ergoflow/kernels';
import { type CellMasses, midpoints } from './cells.ts';

const exp = scalarFunction('exp');

/**
 * Gives masses of cells from a log-density at points [d] of [count].
 *
 * @throws RangeError where the log-density is NaN or +∞.
 */
export function densityMasses(logDensity: (points: readonly Float64Array[]) => Float64Array): CellMasses {
  return (box, cells) => {
    const values = logDensity(midpoints(box, cells));
    let top = Number.NEGATIVE_INFINITY;
    for (const value of values) {
      if (!(value < Number.POSITIVE_INFINITY)) throw new RangeError(`the log-density of the fast process must be finite, got ${value}`);
      top = Math.max(top, value);
    }
    const weights = values.map((value) => exp(value - top));
    const total = weights.reduce((a, b) => a + b, 0);
    return weights.map((weight) => weight / total);
  };
}
