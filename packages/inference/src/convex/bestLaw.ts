/** The best law of a model's fast variables at given parameters: nodes, statistics and the convex problem in one call. */
import type { Model } from '@ergoflow/sde';
import { type BinnedStatistics, gatherBinned } from '../data/binned.ts';
import { gatherQuadratic } from '../data/gatherQuadratic.ts';
import { knownDiffusion } from '../data/knownDiffusion.ts';
import type { Transitions } from '../data/observations.ts';
import type { QuadraticStatistics } from '../data/quadratic.ts';
import { slowCoefficients } from '../equations/coefficients.ts';
import { chooseNodes } from '../nodes/choose.ts';
import { chooseBinnedNodes } from '../nodes/chooseBinned.ts';
import type { Nodes } from '../nodes/nodes.ts';
import { binnedObjective } from './binnedObjective.ts';
import { candidatePoints, type Points } from './candidates.ts';
import { coefficientTable, fastDimension } from './coefficientTable.ts';
import { type Npmle, npmle } from './npmle.ts';
import { quadraticObjective } from './objective.ts';

/** Fast states at which nodes are judged. */
const PROBES = 64;

/** Statistics on nodes, of the kind that the model's noise asks for. */
export type NodeStatistics =
  | { readonly kind: 'quadratic'; readonly nodes: Nodes; readonly statistics: QuadraticStatistics; readonly about: string }
  | { readonly kind: 'binned'; readonly nodes: Nodes; readonly statistics: BinnedStatistics; readonly about: string }
  /** No grid reaches the tolerance. */
  | { readonly kind: 'none'; readonly about: string };

/** What statistics are made of. */
export interface StatisticsOptions {
  readonly model: Model;
  readonly parameters: ReadonlyMap<string, number>;
  readonly transitions: Transitions;
  readonly seed: readonly (string | number)[];
  /** [fast components]: their sizes; default 1. */
  readonly scale?: readonly number[] | undefined;
  /** Take binned statistics although σ does not depend on the fast variables, as where parameters of σ are learned; default false. */
  readonly isNoiseLearned?: boolean | undefined;
}

/**
 * Chooses nodes and gathers what the data say: a quadratic form where σσᵀ is known, else transitions binned to nodes.
 *
 * @throws RangeError as `gatherQuadratic` and `slowCoefficients`.
 */
export function nodeStatistics({ model, parameters, transitions, seed, scale, isNoiseLearned = false }: StatisticsOptions): NodeStatistics {
  const probes = candidatePoints({ dimension: fastDimension(model), count: PROBES, seed: [...seed, 'probes'], scale });
  if (slowCoefficients(model).diffusionIsFast || isNoiseLearned) {
    const { nodes, about } = chooseBinnedNodes({ model, parameters, transitions, probes });
    return nodes === null ? { kind: 'none', about } : { kind: 'binned', nodes, statistics: gatherBinned(transitions, nodes), about };
  }
  const { nodes, about } = chooseNodes({ model, parameters, visited: transitions.from, probes });
  if (nodes === null) return { kind: 'none', about };
  return { kind: 'quadratic', nodes, statistics: gatherQuadratic(transitions, nodes, knownDiffusion(model, parameters)), about };
}

/** What to solve. */
export interface BestLawOptions {
  readonly model: Model;
  readonly parameters: ReadonlyMap<string, number>;
  readonly gathered: Exclude<NodeStatistics, { kind: 'none' }>;
  readonly seed: readonly (string | number)[];
  readonly scale?: readonly number[] | undefined;
  /** In nats; default 1e-3. */
  readonly gap?: number | undefined;
  /** Atoms to begin with, such as those at nearby parameters. */
  readonly hints?: Points | undefined;
}

/** The best law and its averages at the nodes. */
export interface BestLaw extends Npmle {
  /** [dx] of [n] */
  readonly drift: readonly Float64Array[];
  /** [dx (dx + 1)/2] of [n]: lower triangle of ā; empty where it is known. */
  readonly diffusion: readonly Float64Array[];
}

/**
 * Finds the best law at given parameters.
 *
 * For learned parameters θ this is the profile likelihood: NLL(θ) = min over laws. At its optimum the derivative by θ is that at fixed atoms and weights
 * (the envelope theorem), and the atoms at one θ are good hints at the next. Binned statistics do not depend on θ; quadratic ones do through σ only.
 */
export function bestLaw({ model, parameters, gathered, seed, scale, gap, hints }: BestLawOptions): BestLaw {
  const { nodes } = gathered;
  const isBinned = gathered.kind === 'binned';
  const found = npmle({
    objective: isBinned ? binnedObjective(gathered.statistics) : quadraticObjective(gathered.statistics),
    coefficients: coefficientTable(model, parameters, nodes.points, isBinned ? 'both' : 'drift'),
    dimension: fastDimension(model),
    seed,
    scale,
    gap,
    hints,
  });
  const parts = Array.from({ length: found.averaged.length / nodes.count }, (_, c) =>
    found.averaged.subarray(c * nodes.count, (c + 1) * nodes.count),
  );
  return { ...found, drift: parts.slice(0, nodes.points.length), diffusion: parts.slice(nodes.points.length) };
}
