/** From paths to what a fit works on: statistics on nodes, the objective on them, their contiguous blocks, and how they enter a training graph. */
import { type Numbers, scalarFunction } from '@ergoflow/kernels';
import type { Model } from '@ergoflow/sde';
import { nodeStatistics } from '../convex/bestLaw.ts';
import { binnedObjective } from '../convex/binnedObjective.ts';
import { type AveragedObjective, quadraticObjective } from '../convex/objective.ts';
import { type BinnedStatistics, gatherBinned } from '../data/binned.ts';
import { triangle } from '../data/covariance.ts';
import { gatherQuadratic } from '../data/gatherQuadratic.ts';
import { knownDiffusion } from '../data/knownDiffusion.ts';
import type { Transitions } from '../data/observations.ts';
import type { QuadraticStatistics } from '../data/quadratic.ts';
import { slowCoefficients } from '../equations/coefficients.ts';
import { binnedLoss, setBinned } from '../likelihood/binnedLoss.ts';
import { quadraticLoss, setQuadratic } from '../likelihood/quadraticLoss.ts';
import type { OfMeans } from '../likelihood/residual.ts';
import { rangesOf } from '../nodes/choose.ts';
import { localNodes } from '../nodes/local.ts';
import type { Nodes } from '../nodes/nodes.ts';

const log = scalarFunction('log');

/** What the data say, in the form that the model asks for. */
export interface Prepared {
  readonly kind: 'quadratic' | 'binned' | 'minibatch';
  readonly about: string;
  /** Null for minibatches. */
  readonly nodes: Nodes | null;
  /** [dx] of [n]: the nodes; for minibatches evenly chosen transitions that stand for all. */
  readonly points: readonly Float64Array[];
  /** What is averaged at the nodes. */
  readonly want: 'drift' | 'both';
  /** NLL of all data as a function of stacked averages at the nodes. */
  readonly objective: AveragedObjective;
  /** The same of contiguous blocks of time; they add up to the objective. */
  readonly blocks: readonly { readonly objective: AveragedObjective; readonly count: number }[];
  /** [n]: share of the time spent near each node; never negative, sum 1. */
  readonly shares: Float64Array;
  /** Stacked averages to expand the likelihood at where it is not quadratic. */
  readonly expandAt: Float64Array | undefined;
  /** NLL of a zero drift. */
  readonly zeroDrift: number;
  /** Where the noise is known. */
  readonly statistics: QuadraticStatistics | null;
  readonly loss: (nodes: number) => OfMeans;
  /** Writes the statistics into a kernel's inputs. */
  readonly set: (inputs: Readonly<Record<string, Numbers>>) => void;
}

/** What to prepare. */
export interface PrepareOptions {
  readonly model: Model;
  readonly parameters: ReadonlyMap<string, number>;
  readonly transitions: Transitions;
  readonly blocks: number;
  readonly seed: readonly (string | number)[];
  readonly scale: readonly number[];
  /** True if parameters of σ are learned. */
  readonly isNoiseLearned: boolean;
  /** True if the law depends on the slow state: then nodes carry laws of their own, and are few. */
  readonly isConditional: boolean;
}

/** Nodes along each direction where each carries a law of its own, by the number of slow components. */
const CONDITIONAL_NODES = [16, 6, 4] as const;
/** Transitions that stand for all where no nodes do. */
const REPRESENTATIVES = 512;

/** Prepares the data. @throws RangeError as the statistics. */
export function prepare(options: PrepareOptions): Prepared {
  const { model, parameters, transitions, seed, scale, isNoiseLearned, isConditional } = options;
  const isBinned = slowCoefficients(model).diffusionIsFast || isNoiseLearned;
  if (isConditional) {
    const count = CONDITIONAL_NODES[transitions.from.length - 1];
    if (count === undefined) return minibatch(options, 'Every transition by itself: a law for each of more than 3 slow components has no grid.');
    const nodes = localNodes(
      'cubic',
      rangesOf(transitions.from),
      transitions.from.map(() => count),
    );
    return onNodes(options, nodes, isBinned, `${nodes.counts.join(' × ')} local cubic nodes, each with a law of its own.`);
  }
  const gathered = nodeStatistics({ model, parameters, transitions, seed, scale, isNoiseLearned });
  if (gathered.kind === 'none') return minibatch(options, gathered.about);
  return onNodes(options, gathered.nodes, gathered.kind === 'binned', gathered.about);
}

function onNodes({ model, parameters, transitions, blocks }: PrepareOptions, nodes: Nodes, isBinned: boolean, about: string): Prepared {
  const dimension = transitions.from.length;
  const parts = blocksOf(transitions, blocks);
  const common = { about, nodes, points: nodes.points };
  if (isBinned) {
    const statistics = parts.map((part) => gatherBinned(part, nodes));
    const all = sumBinned(statistics);
    return {
      ...common,
      kind: 'binned',
      want: 'both',
      objective: binnedObjective(all),
      blocks: statistics.map((part) => ({ objective: binnedObjective(part), count: part.count })),
      shares: sharesOf(all.time),
      expandAt: typicalAverages(all),
      zeroDrift: binnedObjective(all).value(typicalAverages(all)),
      statistics: null,
      loss: (count) => binnedLoss(dimension, count),
      set: (inputs) => setBinned(inputs, all),
    };
  }
  const diffusion = knownDiffusion(model, parameters);
  const statistics = parts.map((part) => gatherQuadratic(part, nodes, diffusion));
  const all = sumQuadratic(statistics);
  const time = Float64Array.from({ length: nodes.count }, (_, i) => {
    let row = 0;
    for (let j = 0; j < nodes.count; j++) row += all.gram[0][0][i * nodes.count + j];
    return row;
  });
  return {
    ...common,
    kind: 'quadratic',
    want: 'drift',
    objective: quadraticObjective(all),
    blocks: statistics.map((part) => ({ objective: quadraticObjective(part), count: part.count })),
    shares: sharesOf(time),
    expandAt: undefined,
    zeroDrift: all.zeroDrift,
    statistics: all,
    loss: (count) => quadraticLoss(dimension, count),
    set: (inputs) => setQuadratic(inputs, all),
  };
}

/** Evenly chosen transitions stand for all where one value of the likelihood is wanted; training takes others at each step. */
function minibatch({ transitions, blocks }: PrepareOptions, about: string): Prepared {
  const dimension = transitions.from.length;
  const parts = blocksOf(transitions, blocks).map((part) => singleTransitions(part, evenly(part.count, Math.ceil(REPRESENTATIVES / blocks))));
  const all = joinBinned(parts);
  const alone = (k: number): BinnedStatistics => joinBinned(parts.map((part, j) => (j === k ? part : emptied(part))));
  return {
    kind: 'minibatch',
    about,
    nodes: null,
    points: all.nodes,
    want: 'both',
    objective: binnedObjective(all),
    blocks: parts.map(({ count }, k) => ({ objective: binnedObjective(alone(k)), count })),
    shares: sharesOf(all.time),
    expandAt: typicalAverages(all),
    zeroDrift: binnedObjective(all).value(typicalAverages(all)),
    statistics: null,
    loss: (count) => binnedLoss(dimension, count),
    set: (inputs) => setBinned(inputs, all),
  };
}

/** Contiguous blocks of equally many transitions, as views. */
export function blocksOf(transitions: Transitions, count: number): Transitions[] {
  return Array.from({ length: count }, (_, k) => {
    const [first, last] = [k, k + 1].map((edge) => Math.floor((edge * transitions.count) / count));
    const cut = (values: Float64Array): Float64Array => values.subarray(first, last);
    return {
      count: last - first,
      from: transitions.from.map(cut),
      increment: transitions.increment.map(cut),
      duration: cut(transitions.duration),
      gaps: 0,
    };
  });
}

function sumQuadratic(parts: readonly QuadraticStatistics[]): QuadraticStatistics {
  const add = (arrays: readonly Float64Array[]): Float64Array => arrays[0].map((_, k) => arrays.reduce((total, array) => total + array[k], 0));
  return {
    nodes: parts[0].nodes,
    gram: parts[0].gram.map((row, p) => row.map((_, q) => add(parts.map(({ gram }) => gram[p][q])))),
    moment: parts[0].moment.map((_, p) => add(parts.map(({ moment }) => moment[p]))),
    zeroDrift: parts.reduce((total, part) => total + part.zeroDrift, 0),
    count: parts.reduce((total, part) => total + part.count, 0),
  };
}

function sumBinned(parts: readonly BinnedStatistics[]): BinnedStatistics {
  const add = (of: (part: BinnedStatistics) => Float64Array): Float64Array =>
    of(parts[0]).map((_, k) => parts.reduce((total, part) => total + of(part)[k], 0));
  return {
    nodes: parts[0].nodes,
    number: add(({ number }) => number),
    time: add(({ time }) => time),
    displacement: parts[0].displacement.map((_, p) => add(({ displacement }) => displacement[p])),
    square: parts[0].square.map((_, e) => add(({ square }) => square[e])),
    constant: parts.reduce((total, part) => total + part.constant, 0),
    count: parts.reduce((total, part) => total + part.count, 0),
  };
}

function sharesOf(time: Float64Array): Float64Array {
  const positive = time.map((t) => Math.max(0, t));
  const total = positive.reduce((sum, t) => sum + t, 0);
  return positive.map((t) => t / total);
}

/** No drift, and one diffusion for all nodes, the mean square of the increments. */
function typicalAverages({ number, square, displacement }: BinnedStatistics): Float64Array {
  const n = number.length;
  const dimension = displacement.length;
  const out = new Float64Array((dimension + square.length) * n);
  const total = number.reduce((sum, value) => sum + value, 0);
  for (let p = 0; p < dimension; p++) {
    const mean = square[triangle(p, p)].reduce((sum, value) => sum + value, 0) / total;
    out.fill(mean, (dimension + triangle(p, p)) * n, (dimension + triangle(p, p) + 1) * n);
  }
  return out;
}

const evenly = (count: number, wanted: number): number[] =>
  Array.from({ length: Math.min(count, wanted) }, (_, k) => Math.floor(((k + 0.5) * count) / Math.min(count, wanted)));

/** Statistics of some transitions, each a node of its own, weighed so that they stand for all: the binned likelihood of a single transition is exact. */
export function singleTransitions({ count, from, increment, duration }: Transitions, chosen: readonly number[]): BinnedStatistics {
  const weight = count / chosen.length;
  const pick = (value: (k: number) => number): Float64Array => Float64Array.from(chosen, (k) => weight * value(k));
  const logs = chosen.reduce((total, k) => total + log(2 * Math.PI * duration[k]), 0);
  return {
    nodes: from.map((values) => Float64Array.from(chosen, (k) => values[k])),
    number: pick(() => 1),
    time: pick((k) => duration[k]),
    displacement: increment.map((values) => pick((k) => values[k])),
    square: increment.flatMap((row, p) => increment.slice(0, p + 1).map((column) => pick((k) => (row[k] * column[k]) / duration[k]))),
    constant: (weight * from.length * logs) / 2,
    count,
  };
}

function joinBinned(parts: readonly BinnedStatistics[]): BinnedStatistics {
  const join = (of: (part: BinnedStatistics) => Float64Array): Float64Array => Float64Array.from(parts.flatMap((part) => [...of(part)]));
  return {
    nodes: parts[0].nodes.map((_, p) => join(({ nodes }) => nodes[p])),
    number: join(({ number }) => number),
    time: join(({ time }) => time),
    displacement: parts[0].displacement.map((_, p) => join(({ displacement }) => displacement[p])),
    square: parts[0].square.map((_, e) => join(({ square }) => square[e])),
    constant: parts.reduce((total, part) => total + part.constant, 0),
    count: parts.reduce((total, part) => total + part.count, 0),
  };
}

/** The same nodes without transitions. */
function emptied({ nodes, number, time, displacement, square }: BinnedStatistics): BinnedStatistics {
  const zeros = (array: Float64Array): Float64Array => new Float64Array(array.length);
  return {
    nodes,
    number: zeros(number),
    time: zeros(time),
    displacement: displacement.map(zeros),
    square: square.map(zeros),
    constant: 0,
    count: 0,
  };
}
