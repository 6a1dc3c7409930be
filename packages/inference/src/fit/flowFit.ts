/** Trains a flow from several starts and keeps the best, judged by independent samples. */
import { type Flow, flowOf, packWeights, unpackWeights } from '@ergoflow/flows';
import { openStream } from '@ergoflow/kernels';
import type { Points } from '../convex/candidates.ts';
import type { Npmle } from '../convex/npmle.ts';
import { setBinned } from '../likelihood/binnedLoss.ts';
import { type Sampling, samplesPerNode } from '../likelihood/groupMeans.ts';
import type { LearnedParameter } from '../likelihood/parameters.ts';
import { penaltyOf } from '../penalties/table.ts';
import { ALLOWED_NATS } from './certificate.ts';
import { type FoundLaw, samplingError } from './foundLaw.ts';
import { ownTable } from './functionLaw.ts';
import { LAW_SAMPLES, type LawSampler, lawSampler } from './lawOf.ts';
import { logPriors } from './marginal.ts';
import { normalSource } from './normals.ts';
import { singleTransitions } from './prepare.ts';
import type { Setup } from './setup.ts';
import { averageOf, type Shrunk } from './shrink.ts';
import { STEPS, train } from './train.ts';
import { type TrainingGraph, trainingGraph } from './trainingGraph.ts';
import type { FitProgress, RestartOutcome } from './types.ts';

/** The default flow (docs/fit.md): of those measured the nearest to the optimum for its time. */
export const DEFAULT_FLOW = { family: 'spline', layers: 2, hidden: [32] } as const;
/** The samples of a step are doubled until plugging them in would cost less than this, in nats, or there are the most: so much noise the decay averages out. */
const STEP_BIAS = 8;
const MOST_SAMPLES = 1024;
/** A run is near enough within ALLOWED_NATS or this part of what the data say over a zero drift: with 10⁷ observations nats are cheap. */
const ALLOWED_PART = 1e-3;
/** Samples a step, and groups of a U-statistic: 16 of them lose a fifteenth of the efficiency of all pairs. */
const SAMPLES = 256;
const SAMPLES_PER_NODE = 64;
const GROUPS = 16;
const GROUPS_PER_NODE = 4;
/** Transitions of a minibatch. */
const MINIBATCH = 128;
/** Runs that may be added to those asked for, while the certificate is not met. */
const MORE_RESTARTS = 3;

/** What a flow fit needs to know. */
export interface FlowFitOptions {
  readonly setup: Setup;
  readonly shrunk: Shrunk;
  /** The best law without a penalty, where it is known. */
  readonly best: Npmle | null;
  /** Free numbers to start from. */
  readonly free: Float64Array;
  /** Weights of the penalties, in the order of the choice. */
  readonly weights: readonly number[];
  /** Least objective that is known to be possible, or null: a run further above it than chance allows is followed by another. */
  readonly floor: number | null;
  readonly report: (progress: Omit<FitProgress, 'phase'>) => void;
}

/** Fits. */
export async function flowFit(options: FlowFitOptions): Promise<FoundLaw> {
  const { setup, shrunk, best, free, weights, floor, report } = options;
  const machine = machineOf(setup, shrunk, weights, free);
  const { trained } = machine;
  const freeOf = (flat: Float64Array): Float64Array => (trained.length === 0 ? free : flat.slice(flat.length - trained.length));
  const { flow, graph, sampler } = machine;
  const wanted = setup.options.restarts ?? 1;
  const runs: Run[] = [];
  const allowed = floor === null ? 0 : Math.max(ALLOWED_NATS, ALLOWED_PART * (setup.prepared.zeroDrift - floor));
  const isMet = (): boolean => floor === null || runs.some(({ objective, error }) => objective - floor <= allowed + 2 * error);
  while (runs.length < wanted || (!isMet() && runs.length < wanted + MORE_RESTARTS)) {
    const restart = runs.length;
    const start = startOf(setup, shrunk, best, restart);
    graph.setStandard(start.location, start.width);
    sampler.setStandard(start.location, start.width);
    const uniform = uniforms([...setup.seed, 'weights', restart]);
    const flat = Float64Array.of(...packWeights(flow.weights, flow.start(uniform)), ...(trained.length === 0 ? [] : free));
    const { ending, checkpoint } = await train({
      graph,
      normals: normalSource([...setup.seed, 'training', restart], flow.normals, machine.sampling.lanes),
      start: flat,
      parameters: trained.length,
      optimiser: setup.options.optimiser ?? {},
      before: machine.before,
      heard: (step, objective) => report({ restart, step, steps: machine.steps, objective }),
    });
    const end = checkpoint.state.weights;
    const judged = ending.kind === 'diverged' ? null : judge(setup, machine, weights, end, freeOf(end));
    runs.push({
      start: start.name,
      ending: ending.kind,
      steps: ending.steps,
      objective: judged?.objective ?? Number.POSITIVE_INFINITY,
      error: judged?.error ?? 0,
      flat: end,
      location: start.location,
      width: start.width,
    });
  }
  const chosen = runs.reduce((least, run) => (run.objective < least.objective ? run : least));
  if (!Number.isFinite(chosen.objective)) {
    throw new FitDivergedError(`every run diverged, the last at step ${runs[runs.length - 1].steps}: lower the learning rate`, runs.map(outcomeOf));
  }
  const drifts = runs.map((run) => (Number.isFinite(run.objective) ? averagesOf(setup, machine, run, freeOf(run.flat)) : null));
  const own = drifts[runs.indexOf(chosen)] as Float64Array;
  sampler.setStandard(chosen.location, chosen.width);
  const result = judge(setup, machine, weights, chosen.flat, freeOf(chosen.flat));
  const { objective, error, nll, halfTrace, points, table, penalties } = result;
  return {
    valuesAt: (node) => nodeValues(setup, points, node),
    weights: new Float64Array(table.length / setup.prepared.objective.size).fill(setup.prepared.objective.size / table.length),
    table,
    tableAt: (at) => tableOf(setup, points, setup.parametersAt(at)),
    free: freeOf(chosen.flat),
    penalties,
    restarts: runs.map((run, k) => ({ ...outcomeOf(run), driftDistance: distance(setup, drifts[k], own) })),
    objective,
    nll,
    objectiveError: error,
    plugInBias: halfTrace / samplesPerNode(machine.sampling),
    flowWeights: unpackWeights(flow.weights, chosen.flat.slice(0, chosen.flat.length - trained.length)),
    target: graph.kernel.target,
    fallback: graph.kernel.fallback,
  };
}

/** No run of a fit ended with numbers. */
export class FitDivergedError extends Error {
  readonly restarts: readonly RestartOutcome[];

  constructor(message: string, restarts: readonly RestartOutcome[]) {
    super(message);
    this.name = 'FitDivergedError';
    this.restarts = restarts;
  }
}

interface Run {
  readonly start: string;
  readonly ending: string;
  readonly steps: number;
  readonly objective: number;
  readonly error: number;
  readonly flat: Float64Array;
  readonly location: readonly number[];
  readonly width: readonly number[];
}

const outcomeOf = ({ start, ending, steps, objective }: Run): RestartOutcome => ({
  start,
  status: ending === 'diverged' ? 'diverged' : 'done',
  steps,
  objective,
  driftDistance: Number.NaN,
});

interface Machine {
  readonly flow: Flow;
  readonly graph: TrainingGraph;
  readonly sampler: LawSampler;
  readonly sampling: Sampling;
  /** Parameters that the flow's training moves as well. */
  readonly trained: readonly LearnedParameter[];
  readonly steps: number;
  readonly before: (step: number) => void;
}

/** Builds and fills both programs. */
function machineOf(setup: Setup, shrunk: Shrunk, weights: readonly number[], free: Float64Array): Machine {
  const { model, prepared, learned, usePriors, options, isConditional, dimension, transitions } = setup;
  const isMinibatch = prepared.kind === 'minibatch';
  const nodes = isMinibatch ? Math.min(MINIBATCH, transitions.count) : prepared.points[0].length;
  const residual = options.likelihood?.residual ?? 'u-statistic';
  const samples = options.likelihood?.samples ?? (isConditional ? SAMPLES_PER_NODE : samplesFor(setup, shrunk));
  const groups = residual === 'plug-in' ? 1 : residual === 'two-halves' ? 2 : isConditional ? GROUPS_PER_NODE : GROUPS;
  const sampling: Sampling = { lanes: isConditional ? nodes * samples : samples, groups, nodes, isConditional };
  const flow = flowOf(
    options.flow === undefined || options.flow === 'none' ? DEFAULT_FLOW : options.flow,
    dimension,
    isConditional ? prepared.points.length : 0,
  );
  const trained = options.parameters === 'joint' ? learned : [];
  const target = { target: options.target ?? (options.backend === 'tensorflow' ? 'tensorflow' : 'native') } as const;
  const penalties = setup.penalties.map(penaltyOf);
  const graph = trainingGraph(
    {
      model,
      flow,
      learned: trained,
      usePriors,
      sampling,
      loss: prepared.loss(nodes),
      averagesDiffusion: prepared.want === 'both',
      isPlugIn: residual === 'plug-in',
      penalties,
    },
    target,
  );
  const judging: Sampling = { ...sampling, nodes: prepared.points[0].length };
  const sampler = lawSampler({ model, flow, learned: trained, sampling: judging, penalties, seed: setup.seed }, target);
  for (const part of [graph, sampler]) {
    if (part === sampler || !isMinibatch) part.setNodes(prepared.points);
    part.setContext(setup.context);
    part.setReference(valueReference(setup, shrunk));
    part.setParameters(setup.parametersAt(free));
    if (part === sampler || !isMinibatch) part.setShares(prepared.shares);
  }
  graph.setPenaltyWeights(weights);
  if (!isMinibatch) prepared.set(graph.kernel.inputs);
  const before = (step: number): void => {
    if (!isMinibatch) return;
    // Golden-ratio steps visit all transitions evenly, in no order.
    const chosen = Array.from({ length: nodes }, (_, k) => {
      const turn = (step * nodes + k + 0.5) * 0.618033988749895;
      return Math.floor((turn - Math.floor(turn)) * transitions.count);
    });
    const statistics = singleTransitions(transitions, chosen);
    graph.setNodes(statistics.nodes);
    graph.setShares(statistics.time.map((t) => t / statistics.time.reduce((sum, value) => sum + value, 0)));
    setBinned(graph.kernel.inputs, statistics);
  };
  return { flow, graph, sampler, sampling, trained, steps: options.optimiser?.steps ?? STEPS[options.optimiser?.name ?? 'adam'], before };
}

function samplesFor({ prepared }: Setup, { table, law, averaged }: Shrunk): number {
  const { halfTrace } = samplingError(table, law.weights, prepared.objective, averaged);
  let samples = SAMPLES;
  while (samples < MOST_SAMPLES && halfTrace / samples > STEP_BIAS) samples *= 2;
  return samples;
}

/** The reference of values, where surrogate laws are of functions: their width at the middle half of the range. */
function valueReference({ isConditional, valueMean, valueScale }: Setup, { reference }: Shrunk): Shrunk['reference'] {
  if (!isConditional) return reference;
  return { ...reference, mean: valueMean, scale: valueScale.map((scale) => scale * CONDITIONAL_WIDTH) };
}

/** √(1 + ½ + …): root mean square over the range of the functions' standard deviation. */
const CONDITIONAL_WIDTH = 1.25;

/** Where a run starts: at the reference, on the atoms of the convex solution, or at the reference made narrower or wider. */
function startOf(
  { options, dimension, valueMean, valueScale, isConditional }: Setup,
  { typicalScale }: Shrunk,
  best: Npmle | null,
  restart: number,
): { name: string; location: readonly number[]; width: readonly number[] } {
  const reference = valueScale.map((scale) => scale * typicalScale);
  const shift = restart === 0 ? (options.startShift ?? 0) : 0;
  const kind = restart % 4;
  if (kind === 1 && best !== null && !isConditional) {
    const location = best.atoms.map((values) => values.reduce((sum, value, a) => sum + best.weights[a] * value, 0));
    const width = best.atoms.map((values, j) => {
      const square = values.reduce((sum, value, a) => sum + best.weights[a] * (value - location[j]) ** 2, 0);
      return Math.min(4, Math.max(0.25, Math.sqrt(square) / reference[j])) * reference[j];
    });
    return { name: 'atoms of the convex solution', location, width };
  }
  const factor = kind === 2 ? 0.5 : kind === 3 ? 2 : 1;
  const name = shift !== 0 ? `reference, shifted by ${shift}` : factor === 1 ? 'reference' : `reference, ${factor} times as wide`;
  return {
    name,
    location: Array.from({ length: dimension }, (_, j) => valueMean[j] + shift * reference[j]),
    width: reference.map((width) => width * factor),
  };
}

/** Error of a judged objective, in nats, above which more samples are drawn. */
const JUDGING_ERROR = 0.2;

/** Judges weights by independent samples: the plug-in's bias is taken off, and samples are added until the objective is known well enough. */
function judge(setup: Setup, { sampler }: Machine, weights: readonly number[], flat: Float64Array, free: Float64Array): Judgement {
  const { prepared, learned, usePriors, isConditional } = setup;
  const { size } = prepared.objective;
  const [least, most] = isConditional ? LAW_SAMPLES.perNode : LAW_SAMPLES.all;
  for (let count: number = least; ; count *= 2) {
    const { points, penalties } = sampler.draw(flat, count);
    const table = tableOf(setup, points, setup.parametersAt(free));
    const equal = new Float64Array(table.length / size).fill(size / table.length);
    const averaged = averageOf(table, equal, size);
    const { halfTrace, error } = samplingError(table, equal, prepared.objective, averaged);
    if (error > JUDGING_ERROR && count < most) continue;
    const nll = prepared.objective.value(averaged) - halfTrace / equal.length;
    const prior = usePriors && learned.length > 0 ? logPriors(learned)(free).value : 0;
    const objective = penalties.reduce((total, value, k) => total + weights[k] * value, nll - prior);
    return { points, penalties, table, nll, objective: Number.isFinite(objective) ? objective : Number.POSITIVE_INFINITY, error, halfTrace };
  }
}

interface Judgement {
  readonly points: Points;
  readonly penalties: readonly number[];
  readonly table: Float64Array;
  readonly nll: number;
  readonly objective: number;
  /** Standard error of the objective by its samples. */
  readonly error: number;
  readonly halfTrace: number;
}

function averagesOf(setup: Setup, { sampler }: Machine, run: Run, free: Float64Array): Float64Array {
  sampler.setStandard(run.location, run.width);
  const { size } = setup.prepared.objective;
  const table = tableOf(setup, sampler.draw(run.flat, LAW_SAMPLES[setup.isConditional ? 'perNode' : 'all'][0]).points, setup.parametersAt(free));
  return averageOf(table, new Float64Array(table.length / size).fill(size / table.length), size);
}

/** Rows of coefficients for samples of a flow. */
function tableOf(setup: Setup, points: Points, parameters: ReadonlyMap<string, number>): Float64Array {
  const { model, prepared, isConditional } = setup;
  if (!isConditional) return setup.rows(parameters)(points);
  return ownTable(model, parameters, prepared.points, prepared.want, (node) => nodeValues(setup, points, node));
}

function nodeValues({ isConditional, prepared }: Setup, points: Points, node: number): Points {
  if (!isConditional) return points;
  const perNode = points[0].length / prepared.points[0].length;
  return points.map((values) => values.subarray(node * perNode, (node + 1) * perNode));
}

/** Root mean square over the time spent at the nodes, of the drift's components. */
function distance({ prepared }: Setup, a: Float64Array | null, b: Float64Array): number {
  if (a === null) return Number.NaN;
  const { shares, points } = prepared;
  const n = shares.length;
  let total = 0;
  for (let p = 0; p < points.length; p++) for (let i = 0; i < n; i++) total += shares[i] * (a[p * n + i] - b[p * n + i]) ** 2;
  return Math.sqrt(total);
}

/** Uniform numbers in [0, 1) from a stream: the bits of its words. */
function uniforms(name: readonly (string | number)[]): () => number {
  let [block, at] = [0, 0];
  let words = openStream(name, 0, 1024).words;
  return () => {
    if (at === words.length) {
      block += 1;
      at = 0;
      words = openStream([...name, block], 0, 1024).words;
    }
    return words[at++] / 2 ** 32;
  };
}
