/**
 * What a fit is asked, and what it answers: plain data on both sides.
 *
 *   fitFlow(problem, options, { signal, onProgress }): Promise<FitResult>
 *
 * minimises  NLL(θ, π) + weight · penalty(π)  over laws π of the fast variables, at the parameters θ that are most probable with π averaged over.
 * Every part is in nats of the whole data, not divided by their number.
 */
import type { FlowSpec } from '@ergoflow/flows';
import type { TrainingTarget } from '@ergoflow/kernels';
import type { GridAxis, Model } from '@ergoflow/sde';
import type { ObservedPath } from '../data/observations.ts';

/** What is to be learned from what. */
export interface FitProblem {
  /** Its slow equations are used; of its fast ones only the sizes, whether they see the slow state, and what a penalty asks for. */
  readonly model: Model;
  /** All parameters, as `parameterValues` gives them; those with `learn` start from here. */
  readonly parameters: ReadonlyMap<string, number>;
  /** One or more paths, each of two or more times. */
  readonly paths: readonly ObservedPath[];
}

/** The law's representation. `none` keeps the convex problem's own solution: weighted points. */
export type FlowChoice = 'none' | FlowSpec;

/** How residuals are made of samples: unbiased from two halves or from all pairs of groups, or simply their mean. */
export type Residual = 'two-halves' | 'u-statistic' | 'plug-in';

/** What is added to the likelihood. A weight is in nats; `auto` is chosen by held-out likelihood. */
export type PenaltyChoice =
  | { readonly kind: 'relative-entropy'; readonly weight?: number | 'auto' }
  | { readonly kind: 'moment'; readonly order: number; readonly weight: number }
  | { readonly kind: 'entropy'; readonly weight: number }
  | { readonly kind: 'stationarity'; readonly weight: number; readonly degree?: number }
  | { readonly kind: 'constraint'; readonly function: string; readonly value: number; readonly weight: number };

/** How the objective is minimised. */
export interface OptimiserChoice {
  /** Default adam, on new samples at each step; l-bfgs keeps one set of samples. */
  readonly name?: 'adam' | 'l-bfgs';
  /** Most steps of one restart; default 400 for adam, 200 for l-bfgs. */
  readonly steps?: number;
  /** Largest step size of Adam, reached after the warm-up; default 1e-2. */
  readonly learningRate?: number;
}

/** How to fit; everything has a default. */
export interface FitOptions {
  /** Default { family: 'spline', layers: 2, hidden: [32] }: nearest to the optimum for its time of those measured (docs/fit.md). */
  readonly flow?: FlowChoice;
  /** Default u-statistic (of 16 groups), 256 samples (up to 1024 where data are many), a multiple of 16; for a law that depends on the slow state 64 at each node. */
  readonly likelihood?: { readonly residual?: Residual; readonly samples?: number };
  /** Default [relative-entropy, weight auto]; [] fits without. */
  readonly penalties?: readonly PenaltyChoice[];
  readonly optimiser?: OptimiserChoice;
  /** Restarts at the beginning, spread on purpose; more are added while the certificate is not met. Default 1. */
  readonly restarts?: number;
  /** Moves all samples at the start, in standard deviations of the reference law: to try how far a start may be off. Default 0. */
  readonly startShift?: number;
  /** Contiguous blocks of time, each left out once to measure the held-out likelihood. Default 5; ≥ 2. */
  readonly blocks?: number;
  /** Longest duration that counts as a transition, in the data's unit of time; longer ones are gaps and left out. Default: 10 times the median. */
  readonly largestStep?: number;
  /** Whether the law depends on the slow state. Default: as the model's fast equations tell; unknown ones do not see it. */
  readonly conditional?: boolean;
  /** [d] Mean and size of the fast components before the data, in their units. Default 0 and 1; sizes are then fitted as one factor. */
  readonly reference?: { readonly mean?: readonly number[]; readonly scale?: readonly number[] };
  /**
   * How learned parameters are found: `marginal` (default) with the law averaged over by its evidence, then held while the flow is trained; `joint` trained
   * together with the flow from there, which fits better and tells less about them where the law could take their place.
   */
  readonly parameters?: 'marginal' | 'joint';
  /** True to leave the priors out of the objective: maximum likelihood instead of the largest posterior density. Default false. */
  readonly ignorePriors?: boolean;
  /** fused: machine code of ours (default); tensorflow: TensorFlow's operations. */
  readonly backend?: 'fused' | 'tensorflow';
  /** Overrides the backend's target, for tests. */
  readonly target?: TrainingTarget;
  /** Names all random numbers of the fit. Default 0. */
  readonly seed?: number;
}

/** An estimate with its interval; the level is the result's. */
export interface Estimate {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

/** A function of the slow state, tabulated. */
export interface Curve {
  /** [points][dx] */
  readonly at: readonly (readonly number[])[];
  /** [points][components]: dx for a drift, dx·dx row by row for a diffusion σσᵀ. */
  readonly estimate: readonly (readonly number[])[];
  readonly low: readonly (readonly number[])[];
  readonly high: readonly (readonly number[])[];
}

/** How one run of the optimiser ended. */
export interface RestartOutcome {
  /** Where it started: the tilted reference, the convex solution's atoms, or the reference itself. */
  readonly start: string;
  readonly status: 'done' | 'diverged';
  /** Steps taken; for a divergence the step that gave no number. */
  readonly steps: number;
  /** The objective at the end in nats, by independent samples; infinite where the run diverged. */
  readonly objective: number;
  /** Root mean square distance of its drift from the chosen one's, over the time spent at the nodes; NaN where the run diverged. */
  readonly driftDistance: number;
}

/** What the fit is worth. */
export interface Certificate {
  /** NLL of the fit, in nats of all data. */
  readonly nll: number;
  /** NLL of the best that any law could reach (at the fitted parameters), and how far it may still be below: the duality gap. Null for minibatches. */
  readonly optimum: number | null;
  readonly optimumGap: number | null;
  /** nll − optimum. A penalty's pull is part of it. */
  readonly natsAboveOptimum: number | null;
  /** Objective minus that of the best law under the same penalty, where that is known (relative entropy, or no penalty); else null. */
  readonly natsAbovePenalisedOptimum: number | null;
  /** Standard error of the fit's own NLL and objective by the samples that they are judged with, in nats. */
  readonly samplingError: number;
  /** NLL of a zero drift minus that of the fit. */
  readonly natsOverZeroDrift: number;
  /** False where data without any drift would look the same: then nothing was learned. Null where it is not known. */
  readonly isInformative: boolean | null;
  /** Degrees of freedom that the law may use on these data under the penalty. */
  readonly effectiveDegreesOfFreedom: number;
  /** Expected excess of the NLL of a plug-in of `samples` samples over the exact one. */
  readonly plugInBias: number;
  /** The same in words, and what the data cannot support. */
  readonly sentences: readonly string[];
}

/** A penalty as it was used. */
export interface PenaltyUsed {
  readonly kind: string;
  readonly weight: number;
  /** Its value at the fit, before the weight. */
  readonly value: number;
  /** Held-out NLL per transition by weight, where the weight was chosen. */
  readonly path: readonly { readonly weight: number; readonly nllPerTransition: number }[];
}

/** A model that can be simulated: tables on a grid, for `averagedEquation` of sde. */
export interface ReducedModel {
  readonly axes: readonly GridAxis[];
  /** All parameters, learned ones as fitted: a σ that does not see the fast variables is simulated as in the model. */
  readonly parameters: Readonly<Record<string, number>>;
  /** By coefficient name (`drift x`, `diffusion x x`): [product of counts], the last direction contiguous. */
  readonly tables: Readonly<Record<string, Float64Array>>;
}

/** The law of the fast variables that was found: one effective law, of which the data fix only some averages. */
export interface FittedLaw {
  /** The fast variables' components, as the model names them. */
  readonly components: readonly string[];
  /** [components] of [count]. Where the law depends on the slow state: equally many for each state of `at`, one state's after the other's. */
  readonly samples: readonly Float64Array[];
  /** [count], sum 1 (for each state of `at`). */
  readonly weights: Float64Array;
  /** [states][dx], where the law depends on the slow state; else null. */
  readonly at: readonly (readonly number[])[] | null;
}

/** The answer. */
export interface FitResult {
  /** Level of all intervals. */
  readonly level: number;
  /** Learned parameters by name. */
  readonly parameters: Readonly<Record<string, Estimate>>;
  readonly drift: Curve;
  readonly diffusion: Curve;
  /** Numerical rank of (x, y) → b on the visited range, at 1e-6 of the largest. */
  readonly rank: number;
  readonly restarts: readonly RestartOutcome[];
  readonly heldOut: {
    readonly nllPerTransition: number;
    /** The same of a zero drift. */
    readonly zeroDrift: number;
    readonly blocks: number;
  };
  readonly certificate: Certificate;
  readonly penalties: readonly PenaltyUsed[];
  /** What was used: form of the likelihood, nodes, target, why not another. */
  readonly method: {
    readonly likelihood: 'quadratic' | 'binned' | 'minibatch';
    readonly nodes: string;
    readonly target: string;
    readonly fallback: string | null;
    readonly transitions: number;
    readonly gaps: number;
  };
  /** Null for more than two slow components. */
  readonly reducedModel: ReducedModel | null;
  readonly law: FittedLaw;
  /** The flow's weights by name, for a later start; null without a flow. */
  readonly weights: Readonly<Record<string, Float64Array>> | null;
}

/** Where a fit is. */
export interface FitProgress {
  readonly phase: 'statistics' | 'reference' | 'convex' | 'training' | 'evaluation';
  readonly restart: number;
  readonly step: number;
  readonly steps: number;
  /** The objective of the last step, in nats; NaN before training. */
  readonly objective: number;
}
