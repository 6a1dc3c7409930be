/** What a penalty is: a number that a law of the fast variables has, built from its samples. Multiplied by its weight it is in nats of the whole data. */
import type { Tensor, TensorBuilder } from '@ergoflow/kernels';
import type { Model } from '@ergoflow/sde';

/** A law in a training graph. */
export interface LawTensors {
  readonly model: Model;
  /** By fast variable: as many rows as it has components, samples in lanes. */
  readonly fast: Readonly<Record<string, Tensor>>;
  /** By slow variable, where the law depends on it: the state that a sample belongs to; else empty. */
  readonly slow: Readonly<Record<string, Tensor>>;
  /** By name, one row each: values of the parameters. */
  readonly parameters: Readonly<Record<string, Tensor>>;
  /** [d], samples in lanes: all components. */
  readonly value: Tensor;
  /** [1] per lane: ln density of the sample; null for a map without one. */
  readonly logDensity: Tensor | null;
  /** [1] per lane: ln density of the sample over that of the reference law; null for a map without one. */
  readonly logRatio: Tensor | null;
  /** Expectation of a one-row tensor under the law: [1 × 1]. Over slow states by the time that the data spent there. */
  mean(value: Tensor): Tensor;
  /** (E value)² without the bias of squaring an estimate: a product of independent groups of samples; of each slow state by itself, then averaged. */
  squaredMean(value: Tensor): Tensor;
}

/** Builds a penalty: one shared number. */
export type Penalty = (g: TensorBuilder, law: LawTensors) => Tensor;

/** The density that a penalty is made of. */
export function densityOf(density: Tensor | null, penalty: string): Tensor {
  if (density === null)
    throw new RangeError(`penalty ${penalty} must have a flow with a density, got a plain pushforward: take penalty moment or a coupling`);
  return density;
}
