/**
 * L-BFGS with a strong Wolfe line search, for objectives that keep one set of samples.
 *
 * Source: Nocedal & Wright (2006), "Numerical optimization", algorithms 7.4 (two-loop recursion, scaled by (7.20)), 3.5 and 3.6 (line search; cubic
 * interpolation by their (3.59)). All state is a plain object, as for Adam.
 */
import { type Ending, notFinite, type Objective, type OnStep } from './objective.ts';

/** How to step. */
export interface LbfgsOptions {
  /** Most steps, ≥ 1. */
  readonly steps: number;
  /** It is done where the largest element of the gradient is below this; default 1e-6. */
  readonly tolerance?: number;
  /** Pairs kept; default 10. */
  readonly memory?: number;
}

/** Everything that a run needs to go on. */
export interface LbfgsState {
  step: number;
  /** [size]; replaced step by step. */
  weights: Float64Array;
  gradient: Float64Array;
  value: number;
  /** Differences of weights and gradients, the latest last. */
  readonly pairs: { readonly s: Float64Array; readonly y: Float64Array; readonly rho: number }[];
}

/** Sufficient decrease and curvature, the values of Nocedal & Wright §3.1 for quasi-Newton methods. */
const [DECREASE, CURVATURE] = [1e-4, 0.9];
const MOST_TRIALS = 30;

/** A state before the first step: evaluates the start once. */
export function lbfgsState(objective: Objective, weights: Float64Array): LbfgsState {
  const gradient = new Float64Array(weights.length);
  const value = objective.evaluate(weights, gradient, 0);
  return { step: 0, weights: weights.slice(), gradient, value, pairs: [] };
}

/** Advances a state; each value that `onStep` sees is lower than the one before. */
export function lbfgs(objective: Objective, state: LbfgsState, options: LbfgsOptions, onStep: OnStep = () => true): Ending {
  const { steps, tolerance = 1e-6, memory = 10 } = options;
  const what = notFinite(state.value, state.gradient);
  if (what !== null) return { kind: 'diverged', steps: state.step, what };
  while (state.step < steps) {
    if (largest(state.gradient) < tolerance) return { kind: 'done', steps: state.step };
    let direction = descent(state);
    let slope = dot(direction, state.gradient);
    if (!(slope < 0)) {
      state.pairs.length = 0;
      direction = descent(state);
      slope = dot(direction, state.gradient);
    }
    const next = lineSearch(objective, state, direction, slope);
    if (next === null) {
      if (state.pairs.length === 0) return { kind: 'stalled', steps: state.step };
      state.pairs.length = 0;
      continue;
    }
    const s = minus(next.weights, state.weights);
    const y = minus(next.gradient, state.gradient);
    const curvature = dot(s, y);
    if (curvature > 1e-12 * dot(y, y)) state.pairs.push({ s, y, rho: 1 / curvature });
    if (state.pairs.length > memory) state.pairs.shift();
    Object.assign(state, next);
    state.step += 1;
    if (!onStep(state.step, state.value)) return { kind: 'stopped', steps: state.step };
  }
  return { kind: 'done', steps: state.step };
}

/** −H g by algorithm 7.4; without pairs the steepest descent, not longer than 1. */
function descent({ gradient, pairs }: LbfgsState): Float64Array {
  const q = gradient.map((g) => -g);
  const alpha = new Float64Array(pairs.length);
  for (let k = pairs.length - 1; k >= 0; k--) {
    alpha[k] = pairs[k].rho * dot(pairs[k].s, q);
    addTo(q, -alpha[k], pairs[k].y);
  }
  const last = pairs.at(-1);
  const scale = last === undefined ? 1 / Math.max(1, Math.sqrt(dot(q, q))) : 1 / (last.rho * dot(last.y, last.y));
  for (let k = 0; k < q.length; k++) q[k] *= scale;
  for (let k = 0; k < pairs.length; k++) addTo(q, alpha[k] - pairs[k].rho * dot(pairs[k].y, q), pairs[k].s);
  return q;
}

interface Trial {
  readonly length: number;
  readonly value: number;
  readonly slope: number;
  readonly weights: Float64Array;
  readonly gradient: Float64Array;
}

/** A point that satisfies both Wolfe conditions, or the lowest of those tried that decreases enough; null if none does. */
function lineSearch(
  objective: Objective,
  state: LbfgsState,
  direction: Float64Array,
  slope: number,
): Pick<LbfgsState, 'weights' | 'gradient' | 'value'> | null {
  let best: Trial | null = null;
  let trials = 0;
  const decreases = (trial: Trial): boolean => trial.value <= state.value + DECREASE * trial.length * slope;
  const at = (length: number): Trial => {
    const weights = state.weights.map((w, k) => w + length * direction[k]);
    const gradient = new Float64Array(weights.length);
    const value = objective.evaluate(weights, gradient, 0);
    // What is not finite counts as infinitely high: the search comes back from it.
    const holds = notFinite(value, gradient) === null;
    const trial = {
      length,
      value: holds ? value : Number.POSITIVE_INFINITY,
      slope: holds ? dot(gradient, direction) : Number.NaN,
      weights,
      gradient,
    };
    if (holds && decreases(trial) && (best === null || trial.value < best.value)) best = trial;
    trials += 1;
    return trial;
  };
  const isEnough = (trial: Trial): boolean => decreases(trial) && Math.abs(trial.slope) <= -CURVATURE * slope;
  const start: Trial = { length: 0, value: state.value, slope, weights: state.weights, gradient: state.gradient };

  let [before, length] = [start, 1];
  let [low, high]: [Trial | null, Trial | null] = [null, null];
  while (trials < MOST_TRIALS) {
    const trial = at(length);
    if (!decreases(trial) || (before !== start && trial.value >= before.value)) [low, high] = [before, trial];
    else if (isEnough(trial)) return trial;
    else if (trial.slope >= 0) [low, high] = [trial, before];
    if (low !== null) break;
    before = trial;
    length *= 2;
  }
  while (low !== null && high !== null && trials < MOST_TRIALS) {
    const trial = at(between(low, high));
    if (!decreases(trial) || trial.value >= low.value) high = trial;
    else {
      if (isEnough(trial)) return trial;
      if (trial.slope * (high.length - low.length) >= 0) high = low;
      low = trial;
    }
    if (Math.abs(high.length - low.length) < 1e-14 * low.length) break;
  }
  return best;
}

/** The minimum of the cubic through two trials, or their middle where it lies near an end or does not exist. */
function between(a: Trial, b: Trial): number {
  const middle = (a.length + b.length) / 2;
  const d1 = a.slope + b.slope - (3 * (a.value - b.value)) / (a.length - b.length);
  const square = d1 * d1 - a.slope * b.slope;
  if (!(square >= 0)) return middle;
  const d2 = Math.sign(b.length - a.length) * Math.sqrt(square);
  const cubic = b.length - ((b.length - a.length) * (b.slope + d2 - d1)) / (b.slope - a.slope + 2 * d2);
  const [low, high] = a.length < b.length ? [a.length, b.length] : [b.length, a.length];
  const margin = 0.1 * (high - low);
  return cubic > low + margin && cubic < high - margin ? cubic : middle;
}

function dot(a: Float64Array, b: Float64Array): number {
  let total = 0;
  for (let k = 0; k < a.length; k++) total += a[k] * b[k];
  return total;
}

function addTo(out: Float64Array, factor: number, b: Float64Array): void {
  for (let k = 0; k < out.length; k++) out[k] += factor * b[k];
}

const minus = (a: Float64Array, b: Float64Array): Float64Array => a.map((x, k) => x - b[k]);
const largest = (a: Float64Array): number => a.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
