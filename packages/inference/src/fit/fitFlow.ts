/**
 * Fits a law of the fast variables, and parameters, to observed slow paths.
 *
 * In order: statistics on nodes; the reference law and the penalty's weight by evidence; parameters with the law solved for exactly; then a flow trained on
 * the averaged likelihood, restarted from elsewhere while it is further from the exact solution than chance allows; and what all of it is worth.
 */
import { prepareTensorflow } from '@ergoflow/kernels';
import { type Npmle, npmle } from '../convex/npmle.ts';
import { informationOf } from '../information/information.ts';
import { answerOf } from './answer.ts';
import { sentencesOf } from './certificate.ts';
import { exactFit } from './exactFit.ts';
import { flowFit } from './flowFit.ts';
import type { FoundLaw } from './foundLaw.ts';
import { logPriors, marginalParameters } from './marginal.ts';
import { WEIGHTS } from './reference.ts';
import { type Setup, setUp } from './setup.ts';
import { heldOut, type Shrunk, shrink } from './shrink.ts';
import type { Certificate, FitOptions, FitProblem, FitProgress, FitResult, PenaltyUsed } from './types.ts';

/** How a fit is watched and stopped. */
export interface FitWatch {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: FitProgress) => void;
  /** Awaited between phases and slices of steps. Give one that lets the event loop turn, where a signal or a message has to come through; default none. */
  readonly pause?: () => Promise<void>;
}

const noPause = async (): Promise<void> => {};

/** Weights at which the held-out likelihood is reported beside the chosen one, in nats. */
const PATH = [WEIGHTS[0], 0.5, 2, 8, 32] as const;

/**
 * Fits.
 *
 * Same problem, options and seed: same result on one target; between targets results agree as far as training does. The signal's reason is thrown.
 * Not checked: that averaging, not homogenization, is what the data show.
 *
 * @throws RangeError for options and data that cannot be used, FitDivergedError if no run of the optimiser ended with numbers.
 */
export async function fitFlow(
  problem: FitProblem,
  options: FitOptions = {},
  { signal, onProgress, pause = noPause }: FitWatch = {},
): Promise<FitResult> {
  const tell = async (progress: Partial<FitProgress> & Pick<FitProgress, 'phase'>): Promise<void> => {
    onProgress?.({ restart: 0, step: 0, steps: 0, objective: Number.NaN, ...progress });
    await pause();
    signal?.throwIfAborted();
  };
  if (options.backend === 'tensorflow' || options.target === 'tensorflow') await prepareTensorflow();
  await tell({ phase: 'statistics' });
  const setup = setUp(problem, options);
  await tell({ phase: 'reference' });
  const { free, shrunk } = referenceAndParameters(setup);
  await tell({ phase: 'convex' });
  let best = bestOf(setup, free);
  await tell({ phase: 'training' });
  const weights = setup.penalties.map((choice) => (choice.kind === 'relative-entropy' ? shrunk.weight : choice.weight));
  const floor = floorOf(setup, shrunk, best, free);
  const isFlow = options.flow !== 'none';
  const found = isFlow
    ? await flowFit({
        setup,
        shrunk,
        best,
        free,
        weights,
        floor,
        pause,
        report: (progress) => {
          onProgress?.({ phase: 'training', ...progress });
          signal?.throwIfAborted();
        },
      })
    : exactFit(setup, shrunk, best, free);
  await tell({ phase: 'evaluation' });
  // Everything that compares is at the fitted parameters.
  const isMoved = setup.learned.length > 0 && options.parameters === 'joint' && isFlow;
  const final = isMoved ? shrinkAt(setup, found.free, shrunk) : shrunk;
  if (isMoved) best = bestOf(setup, found.free, best?.atoms);
  return resultOf(setup, { found, shrunk: final, best, weights, isFlow });
}

/** Reference, weight and parameters, each with the others as found before. */
function referenceAndParameters(setup: Setup): { free: Float64Array; shrunk: Shrunk } {
  const start = Float64Array.from(setup.learned, (parameter) => parameter.start);
  const first = shrinkAt(setup, start);
  if (setup.learned.length === 0) return { free: start, shrunk: first };
  const free = marginalParameters(setup, first, start);
  return { free, shrunk: shrinkAt(setup, free) };
}

/** The exact solution at parameters; with the reference and weight of another, if it is given. */
function shrinkAt(setup: Setup, free: Float64Array, as?: Shrunk): Shrunk {
  const { prepared, mean, scale, seed } = setup;
  const coefficients = setup.rows(setup.parametersAt(free));
  return shrink({
    objective: prepared.objective,
    coefficients,
    mean,
    scale,
    weight: setup.entropyWeight,
    expandAt: prepared.expandAt,
    seed,
    ...(as === undefined ? {} : { as }),
  });
}

/** The best law without a penalty, where one law serves all nodes. */
function bestOf({ prepared, isConditional, dimension, seed, valueScale, ...setup }: Setup, free: Float64Array, hints?: Npmle['atoms']): Npmle | null {
  if (isConditional || prepared.kind === 'minibatch') return null;
  return npmle({ objective: prepared.objective, coefficients: setup.rows(setup.parametersAt(free)), dimension, seed, scale: valueScale, hints });
}

/** The least objective known to be possible: of the exact solution under relative entropy alone, or of the best law without a penalty. */
function floorOf(setup: Setup, shrunk: Shrunk, best: Npmle | null, free: Float64Array): number | null {
  if (
    setup.isConditional ||
    setup.stopsEarly ||
    setup.prepared.kind === 'minibatch' ||
    setup.penalties.some(({ kind }) => kind !== 'relative-entropy')
  )
    return null;
  const prior = setup.usePriors && setup.learned.length > 0 ? logPriors(setup.learned)(free).value : 0;
  if (setup.entropyWeight === 0 || setup.penalties.length === 0) return best === null ? null : best.nll - prior;
  return setup.prepared.objective.value(shrunk.averaged) + shrunk.weight * shrunk.law.relativeEntropy - prior;
}

interface Parts {
  readonly found: FoundLaw;
  readonly shrunk: Shrunk;
  readonly best: Npmle | null;
  readonly weights: readonly number[];
  readonly isFlow: boolean;
}

function resultOf(setup: Setup, { found, shrunk, best, weights, isFlow }: Parts): FitResult {
  const { prepared, penalties, transitions } = setup;
  const entropyAt = penalties.findIndex(({ kind }) => kind === 'relative-entropy');
  const tried = entropyAt < 0 ? [WEIGHTS[0]] : [...new Set([...PATH, shrunk.weight])].sort((a, b) => a - b);
  const path = heldOut(prepared.objective, prepared.blocks, shrunk, tried);
  const own = path.find(({ weight }) => weight === (entropyAt < 0 ? WEIGHTS[0] : shrunk.weight)) ?? path[0];
  const floor = floorOf(setup, shrunk, best, found.free);
  // Where laws differ from node to node, any drift at the nodes stands for the best law.
  const optimum = best?.nll ?? (setup.isConditional ? shrunk.seen.least : null);
  const information =
    prepared.statistics === null || best === null
      ? null
      : informationOf({
          statistics: prepared.statistics,
          coefficients: setup.rows(setup.parametersAt(found.free)),
          dimension: setup.dimension,
          seed: setup.seed,
          scale: setup.valueScale,
          best,
        });
  const certificate: Omit<Certificate, 'sentences'> = {
    nll: found.nll,
    optimum,
    optimumGap: best?.gap ?? null,
    natsAboveOptimum: optimum === null ? null : found.nll - optimum,
    natsAbovePenalisedOptimum: floor === null ? null : found.objective - floor,
    samplingError: found.objectiveError,
    natsOverZeroDrift: prepared.zeroDrift - found.nll,
    isInformative: information?.isInformative ?? null,
    effectiveDegreesOfFreedom: shrunk.degreesOfFreedom,
    plugInBias: found.plugInBias,
  };
  const used: PenaltyUsed[] = penalties.map(({ kind }, k) => ({
    kind,
    weight: weights[k],
    value: found.penalties[k],
    path: k === entropyAt ? path : [],
  }));
  return {
    ...answerOf(setup, found, entropyAt < 0 ? 0 : shrunk.weight),
    rank: information?.rank ?? shrunk.seen.rank,
    restarts: found.restarts,
    heldOut: { nllPerTransition: own.nllPerTransition, zeroDrift: prepared.zeroDrift / transitions.count, blocks: prepared.blocks.length },
    certificate: {
      ...certificate,
      sentences: sentencesOf(certificate, {
        isFlow,
        weight: entropyAt < 0 ? 0 : shrunk.weight,
        isConditional: setup.isConditional,
        restarts: found.restarts.length,
        information: information?.about ?? `The fit says ${certificate.natsOverZeroDrift.toFixed(1)} nats more than a zero drift would.`,
      }),
    },
    penalties: used,
    method: {
      likelihood: prepared.kind,
      nodes: prepared.about,
      target: found.target,
      fallback: found.fallback,
      transitions: transitions.count,
      gaps: transitions.gaps,
    },
    weights: found.flowWeights,
  };
}
