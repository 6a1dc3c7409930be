/**
 * Autoregressive map: row k is mapped with parameters that a masked network makes of the rows before it and of the context.
 *
 * Kingma, Salimans, Jozefowicz, Chen, Sutskever & Welling 2016 ("Inverse autoregressive flow", arXiv 1606.04934, §3) with the network of Germain et al. 2015. The rows before
 * are those of the *base*: sampling, and the density of a sample, take one pass, which is what a fit of samples needs. The density of a given value takes
 * one pass for each row (a masked autoregressive flow has it the other way round).
 */
import type { Tensor, TensorBuilder } from '@ergoflow/kernels';
import { conditioner, type Hidden } from '../conditioner.ts';
import type { Bijection } from '../flow.ts';
import { rowIndices, stackRows } from '../rows.ts';
import type { Transformer } from '../transformers/transformer.ts';

/**
 * Makes the map.
 *
 * @param dimension d ≥ 1; the network sees the first d - 1 rows and the context.
 * @param contextDimension Rows of the context, 0 for none; every row may depend on all of it.
 */
export function autoregressive(dimension: number, contextDimension: number, transformer: Transformer, hidden: Hidden): Bijection {
  const { parameters } = transformer;
  // Rows count from 1, the context has degree 0.
  const inputs = [...rowIndices(dimension - 1, (row) => row + 1), ...rowIndices(contextDimension, () => 0)];
  const outputs = rowIndices(dimension * parameters, (row) => Math.floor(row / parameters) + 1);
  const network = conditioner(inputs.length, outputs.length, hidden, { inputs, outputs });

  function inputOf(g: TensorBuilder, first: readonly Tensor[], context: Tensor | null): Tensor | null {
    const missing = dimension - 1 - first.reduce((rows, part) => rows + part.rows, 0);
    const parts = [...first, ...(missing > 0 ? [g.constant(0, missing)] : []), ...(context === null ? [] : [context])];
    return parts.length === 0 ? null : stackRows(g, parts);
  }
  return {
    weights: network.weights,
    start: network.start,
    forward: (g, weights, z, context) => {
      const first = dimension === 1 ? [] : [g.gatherRows(z, rowIndices(dimension - 1))];
      return transformer.forward(g, network.build(g, weights, inputOf(g, first, context)), z);
    },
    inverse: (g, weights, value, context) => {
      const found: Tensor[] = [];
      let logDet = g.constant(0);
      for (let row = 0; row < dimension; row++) {
        const own = rowIndices(parameters, (k) => row * parameters + k);
        const input = inputOf(g, found.slice(0, dimension - 1), context);
        const mapped = transformer.inverse(g, network.build(g, weights, input, own), g.gatherRows(value, [row]));
        found.push(mapped.value);
        logDet = g.add(logDet, mapped.logDet);
      }
      return { value: stackRows(g, found), logDet };
    },
  };
}
