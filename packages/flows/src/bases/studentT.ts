/**
 * Independent Student t laws: heavy tails, which no map that is affine in its tails can make of normals.
 *
 * Samples by Bailey 1994 ("Polar generation of random variates with the t-distribution", Math. Comp. 62:779) written for normals: with a, b standard normal and
 * q = (a² + b²)/ν, a √((e^q - 1)/q) has the t law of ν degrees of freedom, for any real ν > 0. Two normals a row, and smooth in them.
 */
import type { Tensor, TensorBuilder } from '@ergoflow/kernels';
import { scalarFunction } from '@ergoflow/kernels';
import type { Base } from '../flow.ts';
import { logGamma } from '../logGamma.ts';
import { rowIndices } from '../rows.ts';

const log = scalarFunction('log');

/**
 * Makes the law of d independent t variables; the mean exists for ν > 1, the variance, ν/(ν - 2), for ν > 2. Normals beyond ± 9 √ν overflow float32.
 *
 * @param degreesOfFreedom ν ≥ 1, fixed.
 */
export function studentT(dimension: number, degreesOfFreedom: number): Base {
  const half = degreesOfFreedom / 2;
  const logNorm = logGamma(half + 0.5) - logGamma(half) - 0.5 * log(degreesOfFreedom * Math.PI);
  return {
    weights: [],
    start: () => ({}),
    normals: 2 * dimension,
    sample: (g, _, normals) => {
      const a = g.gatherRows(normals, rowIndices(dimension));
      const b = g.gatherRows(
        normals,
        rowIndices(dimension, (row) => dimension + row),
      );
      const q = g.divide(g.add(g.multiply(a, a), g.multiply(b, b)), g.constant(degreesOfFreedom));
      return g.multiply(a, g.squareRoot(growth(g, q)));
    },
    logDensity: (g, _, z) => {
      const terms = g.log(g.add(g.constant(1), g.divide(g.multiply(z, z), g.constant(degreesOfFreedom))));
      return g.subtract(g.constant(dimension * logNorm), g.multiply(g.constant(half + 0.5), g.sumRows(terms)));
    },
  };
}

/** (e^q - 1)/q for q ≥ 0, without cancellation: the series below 1e-3, else tanh(q/2) (e^q + 1)/q. */
function growth(g: TensorBuilder, q: Tensor): Tensor {
  const edge = g.constant(1e-3);
  const large = g.maximum(q, edge);
  const direct = g.divide(g.multiply(g.tanh(g.multiply(g.constant(0.5), large)), g.add(g.exp(large), g.constant(1))), large);
  const small = g.minimum(q, edge);
  const series = [1 / 24, 1 / 6, 1 / 2, 1].map((c) => g.constant(c)).reduce((sum, c) => g.add(g.multiply(sum, small), c));
  return g.select(g.less(q, edge), series, direct);
}
