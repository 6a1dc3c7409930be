/**
 * What a flow is: a base law and a map from its samples to values, as pieces of training graphs.
 *
 * Weights are shared inputs of the graph, named by the flow; samples are lanes; a value has a row for each dimension.
 */
import type { Tensor, TensorBuilder } from '@ergoflow/kernels';

/** A weight matrix that a map owns. */
export interface Weight {
  /** Unique in its flow, such as `layers.2.hidden.1.bias`. */
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
}

/** Gives the tensor that stands for a weight. */
export type Weights = (name: string) => Tensor;

/** Uniform numbers in [0, 1), for start values. */
export type Uniform = () => number;

/** Values, and ln |det of the Jacobian| of the map at each lane (one row). */
export interface Mapped {
  readonly value: Tensor;
  readonly logDet: Tensor;
}

/** An invertible map of R^d for each context; `forward` leads from the base to the values. */
export interface Bijection {
  readonly weights: readonly Weight[];
  /** Start values by name, row by row: the map is close to the identity. */
  start(uniform: Uniform): Readonly<Record<string, Float64Array>>;
  /** @param context [c] per lane (or shared); null if the map has none. */
  forward(g: TensorBuilder, weights: Weights, z: Tensor, context: Tensor | null): Mapped;
  /** The map back; its logDet is that of the inverse. */
  inverse(g: TensorBuilder, weights: Weights, value: Tensor, context: Tensor | null): Mapped;
}

/** The law that a flow starts from. */
export interface Base {
  readonly weights: readonly Weight[];
  start(uniform: Uniform): Readonly<Record<string, Float64Array>>;
  /** Standard normals that one sample is made of. */
  readonly normals: number;
  /** A sample of d rows from `normals` rows of standard normals, differentiable in the weights. */
  sample(g: TensorBuilder, weights: Weights, normals: Tensor): Tensor;
  /** ln density, one row. */
  logDensity(g: TensorBuilder, weights: Weights, z: Tensor): Tensor;
}

/** A law on R^d, or one for each context. */
export interface Flow {
  readonly dimension: number;
  /** Rows of the context; 0 for none. */
  readonly contextDimension: number;
  readonly weights: readonly Weight[];
  start(uniform: Uniform): Readonly<Record<string, Float64Array>>;
  readonly normals: number;
  /** Samples from standard normals; `logDensity` of the sample, or null for a map without one (a plain pushforward). */
  sample(g: TensorBuilder, weights: Weights, normals: Tensor, context: Tensor | null): { readonly value: Tensor; readonly logDensity: Tensor | null };
  /** ln density at given values; null for a map without one. */
  readonly logDensity: ((g: TensorBuilder, weights: Weights, value: Tensor, context: Tensor | null) => Tensor) | null;
}
