/**
 * A function of averages from samples without the bias of plugging them in.
 *
 * With F(m) evaluated at means m of M samples, E F(m̂) = F(m) + ½ tr(F'' Cov)/M + …. Leaving out one of K groups at a time (Quenouille 1949; Efron 1982,
 * "The jackknife", §2.1),
 *
 *   J = K F(m̂) − (K − 1)/K Σ_k F(m̂ without group k),
 *
 * has no bias of order 1/M. Where F is quadratic J is exactly unbiased: it is the U-statistic, Σ_{k≠l} over pairs of groups, and for K = 2 the product of
 * the residuals of two independent halves. F(m̂) − J is the estimate of the bias.
 */
import type { Tensor, TensorBuilder } from '@ergoflow/kernels';
import { leaveOneOut, overGroups } from './groupMeans.ts';

/** F at several places at once: from tensors of K rows a tensor [K × 1]. */
export type OfMeans = (g: TensorBuilder, means: readonly Tensor[]) => Tensor;

/** What a residual form gives: shared numbers. */
export interface Unbiased {
  /** F at the means over all samples. */
  readonly plugIn: Tensor;
  /** J; the plug-in itself where there is one group. */
  readonly value: Tensor;
}

/**
 * Builds both.
 *
 * @param means Each [K × n], as `groupMeans` gives them.
 */
export function unbiased(g: TensorBuilder, means: readonly Tensor[], ofMeans: OfMeans): Unbiased {
  const plugIn = ofMeans(
    g,
    means.map((mean) => overGroups(g, mean)),
  );
  const groups = Math.max(...means.map(({ rows }) => rows));
  if (groups === 1) return { plugIn, value: plugIn };
  const without = g.sumRows(
    ofMeans(
      g,
      means.map((mean) => leaveOneOut(g, mean)),
    ),
  );
  return { plugIn, value: g.subtract(g.multiply(g.constant(groups), plugIn), g.multiply(g.constant((groups - 1) / groups), without)) };
}
