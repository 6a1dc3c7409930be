/** One restart: from a start of the flow's weights to the end of the optimiser, in slices between which the caller is heard. */
import { setImmediate } from 'node:timers/promises';
import { type AdamState, adam, adamState } from '../optimisers/adam.ts';
import { type LbfgsState, lbfgs, lbfgsState } from '../optimisers/lbfgs.ts';
import type { Ending, Objective, OnStep } from '../optimisers/objective.ts';
import type { NormalSource } from './normals.ts';
import type { TrainingGraph } from './trainingGraph.ts';
import type { OptimiserChoice } from './types.ts';

/** Steps of Adam, chosen by what they reach on the reference shape (docs/fit.md); of L-BFGS, whose steps cost one to two evaluations. */
export const STEPS = { adam: 400, 'l-bfgs': 200 } as const;
/** The middle of the range in which final likelihoods differ by less than a nat. */
export const LEARNING_RATE = 1e-2;
/** Parameters of equations move this much more slowly than weights: their gradients come from all samples at once, and a step of theirs moves everything. */
const PARAMETER_RATE = 0.5;

/** What is trained. */
export interface TrainOptions {
  readonly graph: TrainingGraph;
  readonly normals: NormalSource;
  /** [size]: flow's weights, then free parameters. */
  readonly start: Float64Array;
  /** How many of them, from the end, are parameters. */
  readonly parameters: number;
  readonly optimiser: OptimiserChoice;
  /** Sets what changes from step to step beside the normals: a minibatch. */
  readonly before: (step: number) => void;
  /** Called after each slice; throws to abort. */
  readonly heard: (step: number, objective: number) => void;
  /** A run to go on from, instead of `start`. */
  readonly checkpoint?: Checkpoint;
}

/** Everything that a restart needs to go on; plain data. */
export type Checkpoint = { readonly name: 'adam'; readonly state: AdamState } | { readonly name: 'l-bfgs'; readonly state: LbfgsState };

/** Steps between two times that the caller is heard. */
const SLICE = 16;

/** Trains. */
export async function train(options: TrainOptions): Promise<{ readonly ending: Ending; readonly checkpoint: Checkpoint }> {
  const { graph, normals, start, optimiser, before, heard } = options;
  const name = optimiser.name ?? 'adam';
  const steps = optimiser.steps ?? STEPS[name];
  const evaluator = (stepOf: (step: number) => number): Objective => ({
    size: graph.size,
    evaluate: (weights, gradient, step) => {
      before(stepOf(step));
      graph.setWeights(weights);
      return graph.run(normals.at(stepOf(step)), gradient);
    },
  });
  let objective = Number.NaN;
  const pause: OnStep = (step, value) => {
    objective = value;
    return step % SLICE !== 0;
  };
  let checkpoint: Checkpoint;
  let advance: () => Ending;
  if (name === 'adam') {
    const state = options.checkpoint?.name === 'adam' ? options.checkpoint.state : adamState(start);
    const scale = new Float64Array(start.length).fill(1);
    scale.fill(PARAMETER_RATE, start.length - options.parameters);
    const settings = { steps, learningRate: optimiser.learningRate ?? LEARNING_RATE, scale };
    const target = evaluator((step) => step);
    checkpoint = { name, state };
    advance = () => adam(target, state, settings, pause);
  } else {
    const target = evaluator(() => 0);
    const state = options.checkpoint?.name === 'l-bfgs' ? options.checkpoint.state : lbfgsState(target, start);
    checkpoint = { name, state };
    advance = () => lbfgs(target, state, { steps, tolerance: TOLERANCE }, pause);
  }
  for (;;) {
    const ending = advance();
    heard(ending.steps, objective);
    if (ending.kind !== 'stopped') return { ending, checkpoint };
    await setImmediate();
  }
}

/** Largest gradient, in nats per unit of a weight, at which L-BFGS is done: float32 does not resolve less. */
const TOLERANCE = 1e-3;
