/**
 * Coupling: some rows stay, the others are mapped one by one with parameters that a network makes of those that stay and of the context.
 *
 * Dinh, Sohl-Dickstein & Bengio 2017 (arXiv 1605.08803, eq. 4–9) with `affine`, Durkan, Bekasov, Murray & Papamakarios 2019 ("Neural spline flows", arXiv 1906.04032,
 * §3.1) with `rationalQuadraticSpline`. Both ways cost one pass of the network.
 */
import type { Tensor, TensorBuilder } from '@ergoflow/kernels';
import { conditioner, type Hidden } from '../conditioner.ts';
import type { Bijection, Mapped, Weights } from '../flow.ts';
import { rowIndices, stackRows } from '../rows.ts';
import type { Transformer } from '../transformers/transformer.ts';

/**
 * Makes a coupling.
 *
 * @param isMapped For each row, whether it is mapped; at least one is. If all are, parameters depend on the context alone, and without one they are constants.
 * @param contextDimension Rows of the context, 0 for none.
 */
export function coupling(isMapped: readonly boolean[], contextDimension: number, transformer: Transformer, hidden: Hidden): Bijection {
  const mapped = rowIndices(isMapped.length).filter((row) => isMapped[row]);
  const kept = rowIndices(isMapped.length).filter((row) => !isMapped[row]);
  if (mapped.length === 0) throw new RangeError('a coupling must map at least one row, got none');
  /** Where each row lies once the mapped rows are put below the kept ones. */
  const place = rowIndices(isMapped.length, (row) => [...kept, ...mapped].indexOf(row));
  const network = conditioner(kept.length + contextDimension, mapped.length * transformer.parameters, hidden);

  function apply(g: TensorBuilder, weights: Weights, x: Tensor, context: Tensor | null, direction: 'forward' | 'inverse'): Mapped {
    const stay = kept.length === 0 ? [] : [g.gatherRows(x, kept)];
    const seen = context === null ? stay : [...stay, context];
    const parameters = network.build(g, weights, seen.length === 0 ? null : stackRows(g, seen));
    const { value, logDet } = transformer[direction](g, parameters, g.gatherRows(x, mapped));
    return { value: g.gatherRows(stackRows(g, [...stay, value]), place), logDet };
  }
  return {
    weights: network.weights,
    start: network.start,
    forward: (g, weights, z, context) => apply(g, weights, z, context, 'forward'),
    inverse: (g, weights, value, context) => apply(g, weights, value, context, 'inverse'),
  };
}

/**
 * The rows that coupling number `layer` of a stack maps: those whose bit b of the index is 1 (even layers) or 0 (odd ones), b = ⌊layer/2⌋ modulo the number of bits.
 *
 * Any two rows are on different sides of some layer once there are 2⌈log₂ d⌉ of them, so no permutations are needed between. All rows if d = 1.
 */
export function couplingRows(dimension: number, layer: number): boolean[] {
  if (dimension === 1) return [true];
  const bits = 32 - Math.clz32(dimension - 1);
  const bit = Math.floor(layer / 2) % bits;
  return Array.from({ length: dimension }, (_, row) => ((row >> bit) & 1) !== layer % 2);
}
