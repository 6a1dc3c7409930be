/**
 * Means over groups of samples: what unbiased residuals are made of.
 *
 * Lanes are samples of one law, used at all nodes; or, for a law that depends on the slow state, samples of each node's own law, a node's lanes one
 * after the other. Either way the means come as a row for each group and a column for each node.
 */
import type { Tensor, TensorBuilder } from '@ergoflow/kernels';

/** How samples lie in lanes. */
export interface Sampling {
  /** All lanes. */
  readonly lanes: number;
  /** Groups of samples that residuals are made of, K ≥ 1. */
  readonly groups: number;
  /** n: number of nodes. */
  readonly nodes: number;
  /** True if each node has samples of its own: lanes / nodes of them. */
  readonly isConditional: boolean;
}

/** Samples behind each mean over all groups. */
export const samplesPerNode = ({ lanes, nodes, isConditional }: Sampling): number => (isConditional ? lanes / nodes : lanes);

/**
 * Builds the means of a one-row tensor over groups of samples.
 *
 * @param value One row; lanes or not; as many columns as nodes, or one. For own samples at each node one column.
 * @returns [K × n], or [K × 1] for one column shared by all nodes.
 */
export function groupMeans(g: TensorBuilder, value: Tensor, sampling: Sampling): Tensor {
  const { lanes, groups, nodes, isConditional } = sampling;
  const perGroup = g.constant(groups / samplesPerNode(sampling));
  if (!isConditional) {
    if (!value.lanes) return g.broadcast(value, { lanes: false, rows: groups, columns: value.columns });
    if (groups > 1 || value.columns === 1) return g.multiply(g.sumLanes(value, groups), perGroup);
    return g.multiply(g.sumLanes(value), perGroup);
  }
  const own = value.lanes ? value : g.broadcast(value, { lanes: true, rows: 1, columns: value.columns });
  if (own.columns !== 1) throw new TypeError(`a value at each node's own samples must have one column, got ${own.columns}`);
  if (lanes % (nodes * groups) !== 0) throw new RangeError(`lanes must be a multiple of nodes times groups, got ${lanes}, ${nodes}, ${groups}`);
  const sums = g.multiply(g.sumLanes(own, nodes * groups), perGroup);
  const rows = Array.from({ length: groups }, (_, k) =>
    g.transpose(
      g.gatherRows(
        sums,
        Array.from({ length: nodes }, (_, i) => i * groups + k),
      ),
    ),
  );
  return g.concatenateRows(rows);
}

/** The mean over the groups: [K × n] to [1 × n]. */
export const overGroups = (g: TensorBuilder, means: Tensor): Tensor => g.multiply(g.sumRows(means), g.constant(1 / means.rows));

/** Means over all groups but one: row k leaves out group k. */
export const leaveOneOut = (g: TensorBuilder, means: Tensor): Tensor =>
  g.multiply(g.subtract(g.sumRows(means), means), g.constant(1 / (means.rows - 1)));
