/**
 * What the multiscale schemes have in common: which equations they take, their micro-solver's parameters, and what they cost.
 *
 * A macro-step H makes m micro-steps of u ε, u the step in the fast process's own time, of which the last n are averaged over, and one evaluation more. A
 * direct simulation makes H/(u ε) steps, so the speed-up is H/((m + 1) u ε), whatever the cost of one. The price: the fast process is seen for n u of its own time in each H, as if
 * the scale separation were ε* = H/(n u) in place of ε, and the error of the averaged path that this makes is of size √ε*.
 */
import type { Node } from '@ergoflow/kernels';
import type { Equations } from '../equations.ts';
import { EPSILON } from '../system.ts';
import { dependsOn } from './derivative.ts';
import { probe } from './noiseStructure.ts';

/** The micro-solver. */
export interface MicroSolver {
  /** Micro-steps after which the fast process has followed the slow variables; ≥ 0. */
  readonly relaxation: number;
  /** Micro-steps that are averaged over; ≥ 1. */
  readonly average: number;
  /** Micro-step at unit speed, in (0, 1). */
  readonly unitStep: number;
}

/** One relaxation time of a fast process of rate 1, then two that are averaged over, at steps that resolve it. */
export const MICRO_SOLVER: MicroSolver = { relaxation: 10, average: 20, unitStep: 0.1 };

/** What a multiscale scheme costs and what it pays for it. */
export interface MultiscaleCost {
  /** Evaluations of the equations per unit of slow time. */
  readonly evaluations: number;
  /** The same of a direct simulation with steps of the micro-solver's size. */
  readonly directEvaluations: number;
  /** Their ratio, H/((m + 1) u ε); below 1 the direct simulation is the better choice. */
  readonly speedUp: number;
  /** ε* = H/(n u): the scale separation whose fluctuations the averaged path has. */
  readonly effectiveEpsilon: number;
}

/**
 * Computes the cost of macro-steps.
 *
 * @param macroStep H, in slow time; > 0.
 * @param epsilon Scale separation; > 0.
 * @param extra Evaluations a macro-step beyond those of the micro-solver; default 1, that of the slow noise.
 */
export function multiscaleCost(
  macroStep: number,
  epsilon: number,
  { relaxation, average, unitStep }: MicroSolver = MICRO_SOLVER,
  extra = 1,
): MultiscaleCost {
  for (const [name, value] of Object.entries({ macroStep, epsilon }))
    if (!(value > 0 && Number.isFinite(value))) throw new RangeError(`${name} must be positive and finite, got ${value}`);
  const evaluations = (relaxation + average + extra) / macroStep;
  const directEvaluations = 1 / (unitStep * epsilon);
  return { evaluations, directEvaluations, speedUp: directEvaluations / evaluations, effectiveEpsilon: macroStep / (average * unitStep) };
}

/** Why equations have no averaged limit that a micro-solver finds; null if they have. */
export function multiscaleObstacle(equations: Equations): string | null {
  const { slow } = equations;
  const fast = equations.variables.filter(({ name }) => slow?.has(name) !== true);
  if (slow === undefined || slow.size === 0 || fast.length === 0) return 'it needs slow and fast variables';
  const { g, state, time } = probe(equations);
  const drift = equations.drift(g, state, time);
  const noise = equations.noise(g, state, time);
  const epsilon = g.uniform(EPSILON);
  const own = [...slow].map((name) => drift.get(name) as Node);
  const coefficients = noise.filter(({ variable }) => slow.has(variable)).map(({ coefficient }) => coefficient);
  if ([...own, ...coefficients].some((node) => dependsOn(node, [epsilon])))
    return 'a slow equation reads epsilon, so its limit is no average over the fast process';
  return null;
}

/** True if the noise of a slow variable depends on a fast one. */
export function slowNoiseReadsFast(equations: Equations): boolean {
  const { g, state, time } = probe(equations);
  const fast = [...state].flatMap(([name, node]) => (equations.slow?.has(name) === true ? [] : [node]));
  return equations.noise(g, state, time).some(({ variable, coefficient }) => equations.slow?.has(variable) === true && dependsOn(coefficient, fast));
}
