/** y = x eˢ + t, each row with a shift and a log-scale of its own, which may depend on the context: gives a flow its place and width. */
import type { Tensor, TensorBuilder } from '@ergoflow/kernels';
import { conditioner, type Hidden } from '../conditioner.ts';
import type { Bijection, Weights } from '../flow.ts';
import { shiftAndLogScale } from '../transformers/affine.ts';

/**
 * Makes the map.
 *
 * t = `shift` + t(context) and s = `logScale` + s(context); the constants are weights without bounds, s(context) lies within ±`logScaleBound`. Weights start
 * at the identity; to start a flow at given means and deviations, set `shift` and `logScale`.
 *
 * @param contextDimension 0 for constants alone.
 */
export function elementwiseAffine(dimension: number, contextDimension: number, logScaleBound: number, hidden: Hidden): Bijection {
  const network = contextDimension === 0 ? null : conditioner(contextDimension, 2 * dimension, hidden);
  const own = ['shift', 'logScale'].map((name) => ({ name, rows: dimension, columns: 1 }));

  function parts(g: TensorBuilder, weights: Weights, context: Tensor | null): { shift: Tensor; logScale: Tensor } {
    const [shift, logScale] = [weights('shift'), weights('logScale')];
    if (network === null) return { shift, logScale };
    const moved = shiftAndLogScale(g, network.build(g, weights, context), logScaleBound);
    return { shift: g.add(shift, moved.shift), logScale: g.add(logScale, moved.logScale) };
  }
  return {
    weights: [...own, ...(network?.weights ?? [])],
    start: (uniform) => ({ shift: new Float64Array(dimension), logScale: new Float64Array(dimension), ...network?.start(uniform) }),
    forward: (g, weights, z, context) => {
      const { shift, logScale } = parts(g, weights, context);
      return { value: g.add(g.multiply(z, g.exp(logScale)), shift), logDet: g.sumRows(logScale) };
    },
    inverse: (g, weights, value, context) => {
      const { shift, logScale } = parts(g, weights, context);
      const back = g.negate(logScale);
      return { value: g.multiply(g.subtract(value, shift), g.exp(back)), logDet: g.sumRows(back) };
    },
  };
}
