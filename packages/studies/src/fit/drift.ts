/** Averaged drifts at given slow states: of a fitted law, and of the model's truth; and where the truth's stationary law has its mass. */
import { evaluateCoefficients, type FitResult } from '@ergoflow/inference';
import { graphBuilder, type Kernel, type Node, program, scalarFunction } from '@ergoflow/kernels';
import { averagedEquation, EPSILON, kernelOf, type Model, parameterUniforms, slowComponents } from '@ergoflow/sde';

/** [components] of [points]. */
export type SlowStates = readonly Float64Array[];

/**
 * The drift that a law gives, E_π̂[b(x, Y; θ̂)]: [components] of [points]. Null where the law depends on the slow state, as its samples then belong to single states.
 *
 * @param parameters Those fitted.
 */
export function fittedDrift(
  model: Model,
  parameters: ReadonlyMap<string, number>,
  { law }: Pick<FitResult, 'law'>,
  at: SlowStates,
): SlowStates | null {
  if (law.at !== null) return null;
  const { samples: fast, weights } = law;
  const { drift } = evaluateCoefficients({ model, parameters, slow: at, fast, want: 'drift' });
  const points = at[0].length;
  const perPoint = fast.length === 0 ? 1 : weights.length;
  return drift.map((values) => {
    const mean = new Float64Array(points);
    for (let i = 0; i < points; i++) {
      let sum = 0;
      for (let m = 0; m < perPoint; m++) sum += values[i * perPoint + m] * (fast.length === 0 ? 1 : weights[m]);
      mean[i] = sum;
    }
    return mean;
  });
}

/** What the truth says at some states: the drift, [components] of [points], and of one slow component σσᵀ, else null. */
export interface TrueCoefficients {
  readonly drift: SlowStates;
  readonly diffusion: Float64Array | null;
}

/** Evaluates the model's closed forms. @throws TypeError if it has none. */
export function trueCoefficients(model: Model, parameters: ReadonlyMap<string, number>, at: SlowStates): TrueCoefficients {
  const components = slowComponents(model);
  const lanes = at[0].length;
  const states: Record<string, Float64Array> = { squared: new Float64Array(lanes) };
  for (const { name, size } of model.slow) {
    states[name] = new Float64Array(size * lanes);
    states[`drift.${name}`] = new Float64Array(size * lanes);
  }
  for (const [k, { variable, index }] of components.entries()) states[variable].set(at[k], index * lanes);
  const uniforms = { ...parameterUniforms(parameters), [EPSILON]: Float64Array.of(1) };
  truthKernel(model).run({ lanes, steps: 1, firstStep: 0, uniforms, states, streams: {} });
  return {
    drift: components.map(({ variable, index }) => states[`drift.${variable}`].slice(index * lanes, (index + 1) * lanes)),
    diffusion: components.length === 1 ? states.squared : null,
  };
}

const kernels = new WeakMap<Model, Kernel>();

function truthKernel(model: Model): Kernel {
  const known = kernels.get(model);
  if (known !== undefined) return known;
  const g = graphBuilder();
  const equations = averagedEquation(model, { kind: 'truth' });
  const state = new Map(model.slow.map(({ name, size }): [string, Node] => [name, g.state(name, size)]));
  const drift = equations.drift(g, state, g.constant(0));
  let squared: Node = g.constant(0);
  // Processes are independent, so their squares add up; two terms of one process would have to be added first.
  const byProcess = new Map<string, Node>();
  for (const { process, coefficient } of equations.noise(g, state, g.constant(0))) {
    const before = byProcess.get(process);
    byProcess.set(process, before === undefined ? coefficient : g.add(before, coefficient));
  }
  if (slowComponents(model).length === 1)
    for (const coefficient of byProcess.values()) squared = g.add(squared, g.multiply(coefficient, coefficient));
  const made = kernelOf(
    program([
      ...model.slow.map(({ name, size }) => ({ name, width: size, next: null })),
      ...model.slow.map(({ name, size }) => ({ name: `drift.${name}`, width: size, next: drift.get(name) as Node })),
      { name: 'squared', width: 1, next: squared },
    ]),
  );
  kernels.set(model, made);
  return made;
}

/** States with weights that add up to 1. */
export interface WeightedStates {
  readonly at: SlowStates;
  readonly weights: Float64Array;
}

/** Points of the grid, and how small the density must be at its ends: the rest of the mass is below it. */
const DENSITY = { points: 2001, tail: 1e-8, doublings: 8 } as const;

/**
 * The stationary law of the true averaged equation with one slow component on a grid, p(x) ∝ exp(∫ 2 b̄/ā dx)/ā; null where it has no such law.
 *
 * @param range A guess of where it lives; widened until the density at both ends is 1e-8 of the largest.
 */
export function stationaryLaw(model: Model, parameters: ReadonlyMap<string, number>, range: readonly [number, number]): WeightedStates | null {
  const exp = scalarFunction('exp') as (x: number) => number;
  const log = scalarFunction('log') as (x: number) => number;
  const { points, tail, doublings } = DENSITY;
  let [low, high] = range;
  for (let k = 0; k <= doublings; k++) {
    const margin = 0.5 * Math.max(high - low, 1e-6 * Math.max(1, Math.abs(low)));
    low -= margin;
    high += margin;
    const step = (high - low) / (points - 1);
    const x = Float64Array.from({ length: points }, (_, i) => low + i * step);
    const { drift, diffusion } = trueCoefficients(model, parameters, [x]);
    const slope = drift[0].map((b, i) => (2 * b) / (diffusion as Float64Array)[i]);
    const logarithm = new Float64Array(points);
    for (let i = 1; i < points; i++) logarithm[i] = logarithm[i - 1] + ((slope[i - 1] + slope[i]) * step) / 2;
    for (let i = 0; i < points; i++) logarithm[i] -= log((diffusion as Float64Array)[i]);
    const largest = logarithm.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    if (!Number.isFinite(largest)) return null;
    const density = logarithm.map((value) => exp(value - largest));
    if (density[0] > tail || density[points - 1] > tail) continue;
    const total = density.reduce((a, b) => a + b, 0);
    return { at: [x], weights: density.map((value) => value / total) };
  }
  return null;
}

/** Σ weight |a − b|², components added up. */
export function meanSquare({ weights }: WeightedStates, a: SlowStates, b: SlowStates): number {
  let total = 0;
  for (let c = 0; c < a.length; c++) for (let i = 0; i < weights.length; i++) total += weights[i] * (a[c][i] - b[c][i]) ** 2;
  return total;
}
