/**
 * Adam with warm-up and cosine decay.
 *
 *   m ← β₁ m + (1 − β₁) g,   v ← β₂ v + (1 − β₂) g²,   w ← w − rate(t) · m̂ / (√v̂ + ε)
 *
 * Source: Kingma & Ba (2015), "Adam: a method for stochastic optimization", algorithm 1; the cosine is that of Loshchilov & Hutter (2017), "SGDR", without
 * restarts. All state is a plain object: a run that goes on from a copy of it gives the same bits as one that never stopped.
 */
import { scalarFunction } from '@ergoflow/kernels';
import { type Ending, notFinite, type Objective, type OnStep } from './objective.ts';

/** How to step. */
export interface AdamOptions {
  /** Steps in all; the schedule is laid over them. ≥ 1. */
  readonly steps: number;
  /** Largest step size, ≥ 0. */
  readonly learningRate: number;
  /** Share of the steps over which the step size grows from 0; default 0.05. */
  readonly warmUp?: number;
  /** [size] Factors of the step size by weight; default 1. */
  readonly scale?: Float64Array;
}

/** Everything that a run needs to go on. */
export interface AdamState {
  /** Steps taken. */
  step: number;
  /** [size]; changed in place. */
  readonly weights: Float64Array;
  /** [size] Decaying means of the gradient and of its square. */
  readonly first: Float64Array;
  readonly second: Float64Array;
  /** [size] The gradient of the last step. */
  readonly gradient: Float64Array;
}

/** Kingma & Ba's decay of the mean; the second is shorter than their 0.999, as runs of some hundred steps must forget their start. */
const DECAY = [0.9, 0.99] as const;
const EPSILON = 1e-8;

const cos = scalarFunction('cos');

/** A state before the first step. */
export function adamState(weights: Float64Array): AdamState {
  const zeros = (): Float64Array => new Float64Array(weights.length);
  return { step: 0, weights: weights.slice(), first: zeros(), second: zeros(), gradient: zeros() };
}

/** The step size at a step counted from 0: linear from 0 to the largest over the warm-up, then half a cosine down to 0. */
export function adamRate(step: number, { steps, learningRate, warmUp = 0.05 }: AdamOptions): number {
  const rising = warmUp * steps;
  if (step + 1 <= rising) return (learningRate * (step + 1)) / rising;
  return (learningRate / 2) * (1 + cos((Math.PI * (step - rising)) / Math.max(1, steps - rising)));
}

/** Advances a state until all steps are taken, a number is not finite (before it changes the weights), or the caller stops it. */
export function adam(objective: Objective, state: AdamState, options: AdamOptions, onStep: OnStep = () => true): Ending {
  const { weights, first, second, gradient } = state;
  const { scale } = options;
  const [a, b] = DECAY;
  while (state.step < options.steps) {
    const value = objective.evaluate(weights, gradient, state.step);
    const what = notFinite(value, gradient);
    if (what !== null) return { kind: 'diverged', steps: state.step, what };
    const rate = adamRate(state.step, options);
    state.step += 1;
    // 1 - βᵗ by repeated products would drift apart on resuming; integer powers of a double are defined to the last bit only by a loop.
    const [m, v] = [1 - powerOf(a, state.step), 1 - powerOf(b, state.step)];
    for (let k = 0; k < weights.length; k++) {
      const g = gradient[k];
      const mean = a * first[k] + (1 - a) * g;
      const square = b * second[k] + (1 - b) * g * g;
      first[k] = mean;
      second[k] = square;
      weights[k] -= ((scale === undefined ? rate : rate * scale[k]) * mean) / (m * (Math.sqrt(square / v) + EPSILON));
    }
    if (!onStep(state.step, value)) return { kind: 'stopped', steps: state.step };
  }
  return { kind: 'done', steps: state.step };
}

/** x^n for n ≥ 0 by squaring. */
function powerOf(x: number, n: number): number {
  let result = 1;
  for (let [factor, rest] = [x, n]; rest > 0; [factor, rest] = [factor * factor, Math.floor(rest / 2)]) if (rest % 2 === 1) result *= factor;
  return result;
}
