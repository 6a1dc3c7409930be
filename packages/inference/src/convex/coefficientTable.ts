/** A model's coefficients at nodes as the convex problem wants them: one row for each fast state. */
import type { Model } from '@ergoflow/sde';
import { evaluateCoefficients } from '../equations/evaluateCoefficients.ts';
import type { Points } from './candidates.ts';

/**
 * Makes the function from fast states to rows: drift component after component, each at all nodes, then the same of σσᵀ's lower triangle if it is wanted.
 *
 * @param slow [dx] of [n]: the nodes.
 */
export function coefficientTable(
  model: Model,
  parameters: ReadonlyMap<string, number>,
  slow: readonly Float64Array[],
  want: 'drift' | 'both',
): (points: Points) => Float64Array {
  const count = slow[0].length;
  return (points) => {
    const { drift, diffusion } = evaluateCoefficients({ model, parameters, slow, fast: points, want });
    const parts = [...drift, ...diffusion];
    const samples = parts[0].length / count;
    const size = parts.length * count;
    const table = new Float64Array(samples * size);
    for (const [c, values] of parts.entries()) {
      for (let i = 0; i < count; i++) {
        for (let m = 0; m < samples; m++) table[m * size + c * count + i] = values[i * samples + m];
      }
    }
    return table;
  };
}

/** Number of components of a model's fast state. */
export const fastDimension = (model: Model): number => model.fast.reduce((total, { size }) => total + size, 0);
