/**
 * The fit's objective as a training program: from normals, a flow's weights and free parameters to nats, and their gradient.
 *
 *   objective = F(averages of y ~ flow, without the bias of plugging them in) + Σ_k weight_k penalty_k − Σ ln prior(θ)
 *
 * The flow works in standard units, y = location + width ∘ flow(normals), whatever its family; location, width, statistics, reference and weights of
 * penalties are inputs, so that one kernel serves all restarts and all data on equally many nodes.
 */
import { type Flow, setWeights, type Weight, weightInputs } from '@ergoflow/flows';
import {
  compileTraining,
  gradient,
  graphBuilder,
  type Node,
  type Numbers,
  namesIn,
  type Precision,
  scalarFunction,
  type Tensor,
  type TensorBuilder,
  type TrainingKernel,
  type TrainingTarget,
  tensorBuilder,
  tensorsOf,
  trainingProgram,
} from '@ergoflow/kernels';
import { lowerIn, type Model } from '@ergoflow/sde';
import { coefficientTensors } from '../equations/coefficients.ts';
import { groupMeans, type Sampling } from '../likelihood/groupMeans.ts';
import { type LearnedParameter, priorLogDensity, transformed } from '../likelihood/parameters.ts';
import { type OfMeans, unbiased } from '../likelihood/residual.ts';
import type { Penalty } from '../penalties/penalty.ts';
import type { Context } from './functionLaw.ts';
import { OCTAVES, type Reference } from './reference.ts';

/** What the program is made of. */
export interface TrainingGraphOptions {
  readonly model: Model;
  readonly flow: Flow;
  readonly learned: readonly LearnedParameter[];
  /** False to leave the priors out. */
  readonly usePriors: boolean;
  readonly sampling: Sampling;
  /** F of the means of b, and of σσᵀ where `averagesDiffusion`. */
  readonly loss: OfMeans;
  readonly averagesDiffusion: boolean;
  readonly isPlugIn: boolean;
  readonly penalties: readonly Penalty[];
}

/** How it is run. */
export interface TrainingGraphTarget {
  readonly precision?: Precision;
  readonly target?: TrainingTarget;
}

/** What writes into the inputs of a law's program. */
export interface LawSetters {
  /** [dx] of [n]: the nodes' slow states. */
  setNodes(points: readonly Float64Array[]): void;
  /** Middle and half width of the slow states, for laws that depend on them. */
  setContext(context: Context): void;
  setStandard(location: readonly number[], width: readonly number[]): void;
  setReference(reference: Reference): void;
  /** Values of the parameters that are not learned. */
  setParameters(values: ReadonlyMap<string, number>): void;
  /** Share of the time spent near each node, [n]; for laws that depend on the slow state. */
  setShares(shares: Float64Array): void;
}

/** The compiled objective, and what writes into it. */
export interface TrainingGraph extends LawSetters {
  readonly kernel: TrainingKernel;
  /** Flow's weights, then free parameters. */
  readonly size: number;
  setWeights(flat: Float64Array): void;
  setPenaltyWeights(weights: readonly number[]): void;
  /** Runs, writes the gradient, gives the objective. */
  run(normals: Float64Array, gradient: Float64Array): number;
}

const log = scalarFunction('log');
const HALF_LOG_TWO_PI = 0.91893853320467274178;
const shared = (rows: number, columns = 1): { lanes: false; rows: number; columns: number } => ({ lanes: false, rows, columns });

/** Builds and compiles the objective. */
export function trainingGraph(options: TrainingGraphOptions, target: TrainingGraphTarget): TrainingGraph {
  const { flow, learned, sampling, penalties } = options;
  const g = tensorBuilder();
  const weights = weightInputs(g, flow.weights, 'flow.');
  const parameters = boundParameters(g, options.model, learned);
  const law = lawTensors(g, options, weights, parameters.values);
  const slow = sampling.isConditional ? law.slow : nodeRows(g, options.model, sampling.nodes);
  const { drift, diffusion } = coefficientTensors(options.model, g, { slow, fast: law.fast, parameters: parameters.values });
  const means = [...drift, ...(options.averagesDiffusion ? diffusion : [])].map((tensor) => groupMeans(g, wide(g, tensor, sampling), sampling));
  const { value, plugIn } = unbiased(g, means, options.loss);
  const values = penalties.map((penalty) => penalty(g, law));
  let objective = options.isPlugIn ? plugIn : value;
  for (const [k, penalty] of values.entries()) objective = g.add(objective, g.multiply(g.input(`penalty.${k}`, shared(1)), penalty));
  if (options.usePriors) objective = g.subtract(objective, parameters.logPrior);
  const wrt: readonly Weight[] = [...flow.weights.map((weight) => ({ ...weight, name: `flow.${weight.name}` })), ...learned.map(freeWeight)];
  const parts = gradient(
    g,
    objective,
    wrt.map(({ name, rows, columns }) => g.input(name, shared(rows, columns))),
  );
  const outputs = { objective, ...Object.fromEntries(parts.map((tensor, k) => [`gradient.${wrt[k].name}`, tensor])) };
  const kernel = compileTraining(trainingProgram(outputs), { lanes: sampling.lanes, ...target });
  const { inputs } = kernel;
  return {
    kernel,
    size: wrt.reduce((total, { rows, columns }) => total + rows * columns, 0),
    setWeights: (flat) => setWeights(inputs, wrt, flat),
    run(normals, out) {
      set(inputs, 'normals', normals);
      kernel.run();
      let first = 0;
      for (const { name, rows, columns } of wrt) {
        out.set(kernel.outputs[`gradient.${name}`], first);
        first += rows * columns;
      }
      return kernel.outputs.objective[0];
    },
    ...lawSetters(inputs, options.model),
    setPenaltyWeights: (given) => {
      for (const [k, weight] of given.entries()) set(inputs, `penalty.${k}`, [weight]);
    },
  };
}

const freeWeight = ({ name }: LearnedParameter): Weight => ({ name: `free.${name}`, rows: 1, columns: 1 });

/** Gives the setters of a program's inputs; those that it does not use are passed over. */
export function lawSetters(inputs: Readonly<Record<string, Numbers>>, model: Model): LawSetters {
  return {
    setNodes: (points) => {
      let first = 0;
      for (const { name, size } of model.slow) {
        set(inputs, `slow.${name}`, Float64Array.from(points.slice(first, first + size).flatMap((row) => [...row])));
        first += size;
      }
    },
    setContext: ({ middle, half }) => {
      set(inputs, 'context.middle', middle);
      set(inputs, 'context.half', half);
    },
    setStandard: (location, width) => {
      set(inputs, 'location', location);
      set(inputs, 'width', width);
    },
    setReference: (reference) => setReference(inputs, reference),
    setParameters: (known) => {
      for (const [name, value] of known) set(inputs, `parameter.${name}`, [value]);
    },
    setShares: (shares) => set(inputs, 'shares', shares),
  };
}

/** A program may not use an input, and then does not have it. */
function set(inputs: Readonly<Record<string, Numbers>>, name: string, values: ArrayLike<number>): void {
  if (Object.hasOwn(inputs, name)) inputs[name].set(values);
}

export function boundParameters(
  g: TensorBuilder,
  model: Model,
  learned: readonly LearnedParameter[],
): { values: Record<string, Tensor>; logPrior: Tensor } {
  const values: Record<string, Tensor> = {};
  let logPrior: Tensor = g.constant(0);
  for (const parameter of learned) {
    const { value, logSlope } = transformed(g, parameter.transform, g.input(freeWeight(parameter).name, shared(1)));
    values[parameter.name] = value;
    if (parameter.prior !== null) logPrior = g.add(logPrior, g.add(priorLogDensity(g, parameter.prior, value), logSlope));
  }
  return { values: allParameters(g, model, values), logPrior };
}

/** The slow states at the nodes, a column for each. */
const nodeRows = (g: TensorBuilder, model: Model, nodes: number): Record<string, Tensor> =>
  Object.fromEntries(model.slow.map(({ name, size }) => [name, g.input(`slow.${name}`, shared(size, nodes))]));

/** A coefficient that does not depend on what its neighbours do still has its columns. */
function wide(g: TensorBuilder, tensor: Tensor, { isConditional, nodes }: Sampling): Tensor {
  return isConditional ? tensor : g.broadcast(tensor, { lanes: tensor.lanes, rows: 1, columns: nodes });
}

/** Samples of the law, with what penalties ask of it. */
export function lawTensors(
  g: TensorBuilder,
  options: Pick<TrainingGraphOptions, 'model' | 'flow' | 'sampling'>,
  weights: (name: string) => Tensor,
  parameters: Readonly<Record<string, Tensor>>,
): Parameters<Penalty>[1] {
  const { model, flow, sampling } = options;
  const { slow, context } = contextOf(g, model, sampling);
  const normals = g.input('normals', { lanes: true, rows: flow.normals, columns: 1 });
  const standard = flow.sample(g, weights, normals, context);
  const width = g.input('width', shared(flow.dimension));
  const value = g.add(g.input('location', shared(flow.dimension)), g.multiply(width, standard.value));
  const logDensity = standard.logDensity === null ? null : g.subtract(standard.logDensity, g.sumRows(g.log(width)));
  const shares = g.input('shares', shared(1, sampling.nodes));
  const overNodes = (means: Tensor): Tensor => (sampling.isConditional ? g.sumColumns(g.multiply(shares, means)) : means);
  const first = { ...sampling, groups: 1 };
  const halves = { ...sampling, groups: 2 };
  return {
    model,
    fast: rowsByVariable(g, model.fast, value),
    slow,
    parameters,
    value,
    logDensity,
    logRatio: logDensity === null ? null : g.subtract(logDensity, referenceLogDensity(g, value)),
    mean: (tensor) => overNodes(groupMeans(g, tensor, first)),
    squaredMean: (tensor) => {
      const means = groupMeans(g, tensor, halves);
      return overNodes(g.multiply(g.gatherRows(means, [0]), g.gatherRows(means, [1])));
    },
  };
}

/** All parameters by name: learned ones as given, those that follow learned ones by their expression, all others as inputs. */
export function allParameters(g: TensorBuilder, model: Model, learned: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  const follows = new Set(Object.keys(learned));
  for (let before = -1; before !== follows.size; ) {
    before = follows.size;
    for (const { name, value } of model.parameters) if ([...namesIn(value)].some((used) => follows.has(used))) follows.add(name);
  }
  const tensors: Record<string, Tensor> = {};
  const make = (name: string): Tensor => {
    const parameter = model.parameters.find((candidate) => candidate.name === name);
    tensors[name] ??=
      learned[name] ?? (follows.has(name) && parameter !== undefined ? expression(parameter.value) : g.input(`parameter.${name}`, shared(1)));
    return tensors[name];
  };
  const expression = (value: Model['parameters'][number]['value']): Tensor => {
    const graph = graphBuilder({ keepFunctions: true });
    const node: Node = lowerIn(model, value, graph, new Map(), graph.constant(0), undefined);
    return tensorsOf(g, [node], (leaf) => make(leaf.name.replace(/^parameter\./, '')))[0];
  };
  for (const { name } of model.parameters) make(name);
  return tensors;
}

function rowsByVariable(g: TensorBuilder, variables: Model['fast'], value: Tensor): Record<string, Tensor> {
  let first = 0;
  return Object.fromEntries(
    variables.map(({ name, size }) => {
      const rows = Array.from({ length: size }, (_, k) => first + k);
      first += size;
      return [name, g.gatherRows(value, rows)];
    }),
  );
}

/** Where the law depends on the slow state: each lane's node, as it is and in units of the nodes' range. */
function contextOf(g: TensorBuilder, model: Model, { isConditional, nodes }: Sampling): { slow: Record<string, Tensor>; context: Tensor | null } {
  if (!isConditional) return { slow: {}, context: null };
  const size = model.slow.reduce((total, variable) => total + variable.size, 0);
  const [middle, half] = ['middle', 'half'].map((name) => g.input(`context.${name}`, shared(size)));
  const rows = g.concatenateRows(
    Object.values(nodeRows(g, model, nodes)).flatMap((values) =>
      Array.from({ length: values.rows }, (_, row) => g.spreadLanes(g.transpose(g.gatherRows(values, [row])))),
    ),
  );
  return { slow: rowsByVariable(g, model.slow, rows), context: g.divide(g.subtract(rows, middle), half) };
}

/** ln density of the reference mixture at samples: a row for each part, added up from the largest down. */
function referenceLogDensity(g: TensorBuilder, value: Tensor): Tensor {
  const count = OCTAVES.length;
  const dimension = value.rows;
  const off = g.divide(g.subtract(value, g.input('reference.mean', shared(dimension))), g.input('reference.scale', shared(dimension)));
  const square = g.sumRows(g.multiply(off, off));
  const exponents = g.subtract(
    g.input('reference.logWeights', shared(count)),
    g.multiply(g.input('reference.halfPrecisions', shared(count)), square),
  );
  let largest = g.gatherRows(exponents, [0]);
  for (let k = 1; k < count; k++) largest = g.maximum(largest, g.gatherRows(exponents, [k]));
  largest = g.stopGradient(largest);
  return g.add(largest, g.log(g.sumRows(g.exp(g.subtract(exponents, largest)))));
}

function setReference(inputs: Readonly<Record<string, Numbers>>, { mean, scale, scales, probabilities }: Reference): void {
  const count = OCTAVES.length;
  const volume = scale.reduce((sum, s) => sum + log(s), 0) + mean.length * HALF_LOG_TWO_PI;
  // Parts that are not there have a weight of e^-60 of anything, and so none.
  const logWeights = Array.from({ length: count }, (_, k) =>
    k < scales.length ? log(probabilities[k]) - mean.length * log(scales[k]) - volume : -1e3,
  );
  set(inputs, 'reference.mean', mean);
  set(inputs, 'reference.scale', scale);
  set(inputs, 'reference.logWeights', logWeights);
  set(
    inputs,
    'reference.halfPrecisions',
    Array.from({ length: count }, (_, k) => (k < scales.length ? 1 / (2 * scales[k] * scales[k]) : 0)),
  );
}
