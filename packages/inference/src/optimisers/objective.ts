/** What optimisers minimise, and how a run of them can end. */

/** A differentiable function of a weight vector, possibly seen through new samples at each step. */
export interface Objective {
  /** Number of weights. */
  readonly size: number;
  /**
   * Value and gradient at some weights.
   *
   * @param gradient [size] Receives the gradient.
   * @param step Names the samples: the same step gives the same samples.
   */
  evaluate(weights: Float64Array, gradient: Float64Array, step: number): number;
}

/** How a run ended. Divergence is a result, not an error: whoever made the run decides what to do about it. */
export type Ending =
  | { readonly kind: 'done'; readonly steps: number }
  /** It cannot get further: no step along the direction of descent is lower. */
  | { readonly kind: 'stalled'; readonly steps: number }
  /** The caller's `onStep` said so. */
  | { readonly kind: 'stopped'; readonly steps: number }
  | { readonly kind: 'diverged'; readonly steps: number; readonly what: 'value' | 'gradient' };

/** Called after each step; false stops the run, which can go on later from its state. */
export type OnStep = (step: number, value: number) => boolean;

/** What of a value and its gradient is not finite; null if all is. One sum tells about all elements. */
export function notFinite(value: number, gradient: Float64Array): 'value' | 'gradient' | null {
  if (!Number.isFinite(value)) return 'value';
  let total = 0;
  for (let k = 0; k < gradient.length; k++) total += 0 * gradient[k];
  return total === 0 ? null : 'gradient';
}
