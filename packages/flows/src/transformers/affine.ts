/**
 * y = x eˢ + t with a bounded log-scale s = c tanh(r/c), r and t the parameters.
 *
 * Dinh, Sohl-Dickstein & Bengio 2017 ("Density estimation using Real NVP", arXiv 1605.08803, eq. 8), where s is bounded by a learned multiple of tanh. The bound
 * here is fixed: no sample can make the scale overflow.
 */
import type { Tensor, TensorBuilder } from '@ergoflow/kernels';
import { rowIndices } from '../rows.ts';
import type { Transformer } from './transformer.ts';

/**
 * Makes the map: two parameters a row, shift and raw log-scale.
 *
 * @param logScaleBound c > 0; scales lie within (e^-c, e^c).
 */
export function affine(logScaleBound: number): Transformer {
  return {
    parameters: 2,
    forward: (g, parameters, x) => {
      const { shift, logScale } = shiftAndLogScale(g, parameters, logScaleBound);
      return { value: g.add(g.multiply(x, g.exp(logScale)), shift), logDet: g.sumRows(logScale) };
    },
    inverse: (g, parameters, y) => {
      const { shift, logScale } = shiftAndLogScale(g, parameters, logScaleBound);
      const back = g.negate(logScale);
      return { value: g.multiply(g.subtract(y, shift), g.exp(back)), logDet: g.sumRows(back) };
    },
  };
}

/** Reads t and s off rows t₀ r₀ t₁ r₁ …. */
export function shiftAndLogScale(g: TensorBuilder, parameters: Tensor, bound: number): { readonly shift: Tensor; readonly logScale: Tensor } {
  const count = parameters.rows / 2;
  const raw = g.gatherRows(
    parameters,
    rowIndices(count, (row) => 2 * row + 1),
  );
  return {
    shift: g.gatherRows(
      parameters,
      rowIndices(count, (row) => 2 * row),
    ),
    logScale: g.multiply(g.constant(bound), g.tanh(g.divide(raw, g.constant(bound)))),
  };
}
