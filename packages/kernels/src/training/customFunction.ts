/**
 * Functions of TensorFlow's tensors as nodes of a training graph: the door for a user's own layers.
 *
 * They run on the target `tensorflow` alone, and TensorFlow differentiates them.
 */
import type * as tensorflow from '@tensorflow/tfjs-core';

/** The operations of TensorFlow, as `@tensorflow/tfjs-core` exports them. */
export type TensorFlow = typeof tensorflow;

/** A tensor of TensorFlow; here always float32 with the three sizes rows, columns, lanes (1 lane if it is shared). */
export type TensorFlowTensor = tensorflow.Tensor;

/**
 * A pure function of tensors: from [rows, columns, lanes] each to a list of such.
 *
 * Intermediate tensors are disposed of by the caller. Not checked: that equal inputs give equal results, and that every operation has a gradient
 * (TensorFlow throws where one has none).
 */
export type CustomFunction = (tf: TensorFlow, ...inputs: TensorFlowTensor[]) => readonly TensorFlowTensor[];

/** Adjoints by function and result, so that the same one is made once and graphs can share its nodes. */
const ADJOINTS = new WeakMap<CustomFunction, Map<number, CustomFunction>>();
const MADE = new WeakSet<CustomFunction>();

/**
 * Gives the vector–Jacobian product of one result: (x₁, …, xₙ, ȳ) ↦ (ȳᵀ ∂y/∂x₁, …, ȳᵀ ∂y/∂xₙ), by TensorFlow's reverse mode.
 *
 * @param k Which result y is.
 * @throws TypeError for a function made here: TensorFlow.js 4.22 loses, without an error, parts of second derivatives through operations whose first ones
 * use their result, such as exp and tanh.
 */
export function adjointOf(f: CustomFunction, k: number): CustomFunction {
  if (MADE.has(f)) throw new TypeError('a custom function must be differentiated once at most, as TensorFlow.js loses parts of second derivatives');
  const known = ADJOINTS.get(f) ?? new Map<number, CustomFunction>();
  ADJOINTS.set(f, known);
  const existing = known.get(k);
  if (existing !== undefined) return existing;
  const made: CustomFunction = (tf, ...given) => {
    const [inputs, adjoint] = [given.slice(0, -1), given.at(-1)];
    // tf.grads refuses a function that leaves an input unused; what it calls does not.
    const { grads } = tf.engine().gradients(() => f(tf, ...inputs)[k], inputs, adjoint, true);
    return inputs.map((input, j) => (grads[j] as TensorFlowTensor | undefined) ?? tf.zerosLike(input));
  };
  known.set(k, made);
  MADE.add(made);
  return made;
}
