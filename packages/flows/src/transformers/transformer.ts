/** Increasing maps of single numbers with parameters: what couplings and autoregressive maps apply to each row. */
import type { Tensor, TensorBuilder } from '@ergoflow/kernels';
import type { Mapped } from '../flow.ts';

/** An increasing map of R, applied to n rows; at parameters 0 it is the identity. */
export interface Transformer {
  /** Parameters of one row. */
  readonly parameters: number;
  /**
   * Builds the map.
   *
   * @param parameters Those of row j at j·parameters onwards; any finite number is allowed.
   * @param x [n].
   */
  forward(g: TensorBuilder, parameters: Tensor, x: Tensor): Mapped;
  /** Builds the map back; its logDet is that of the inverse. */
  inverse(g: TensorBuilder, parameters: Tensor, y: Tensor): Mapped;
}
