/** The coefficients that a likelihood averages, b(x, y; θ) and σσᵀ(x, y; θ), as tensors of a training graph: nodes in columns, samples in lanes. */
import { type GraphBuilder, graphBuilder, type Node, type Tensor, type TensorBuilder, tensorsOf } from '@ergoflow/kernels';
import {
  coefficientsOf,
  covariance,
  EPSILON,
  lowerIn,
  type Model,
  noiseOf,
  readsName,
  slowComponents,
  slowNoiseIsFast,
  type Values,
} from '@ergoflow/sde';

/** One scalar coefficient. */
export interface SlowCoefficient {
  /** `drift x`, `drift x[2]`, `diffusion x z`. */
  readonly name: string;
  /** Its value at the nodes of slow and fast variables. */
  readonly build: (g: GraphBuilder, values: Values) => Node;
}

/** The coefficients of the slow variables, components in the model's order. */
export interface SlowCoefficients {
  /** [dx] */
  readonly drift: readonly SlowCoefficient[];
  /** [dx (dx + 1)/2]: the lower triangle of σσᵀ, row by row: 11, 21, 22, 31, … */
  readonly diffusion: readonly SlowCoefficient[];
  /** True if σ depends on fast variables, so that σσᵀ has to be averaged as well. */
  readonly diffusionIsFast: boolean;
}

/**
 * Lists the coefficients of a model's slow variables.
 *
 * @throws RangeError where they read the time or ε: an average at fixed slow state has neither.
 */
export function slowCoefficients(model: Model): SlowCoefficients {
  for (const name of ['t', EPSILON]) {
    if (readsName(slowOnly(model), name))
      throw new RangeError(`the equations of ${model.name} must not read ${name}, which an average at a fixed slow state lacks`);
  }
  const components = slowComponents(model);
  const drift = coefficientsOf(model)
    .slice(0, components.length)
    .map(({ name, build }): SlowCoefficient => ({ name, build: (g, values) => build(g, values, g.constant(0)) }));
  const diffusion = components.flatMap((row, i) =>
    components.slice(0, i + 1).map(
      (column): SlowCoefficient => ({
        name: `diffusion ${column.label} ${row.label}`,
        build: (g, values) => covariance(g, model, noiseOf(model, model.slow, g, values, g.constant(0), null), row, column),
      }),
    ),
  );
  return { drift, diffusion, diffusionIsFast: slowNoiseIsFast(model) };
}

/** The fast equations may be unknown, and what is wanted comes from the slow ones alone. */
const slowOnly = (model: Model): Model => ({ ...model, fast: model.fast.map((variable) => ({ ...variable, drift: 'unknown', noise: [] })) });

/** What variables and parameters are bound to. */
export interface CoefficientInputs {
  /** By slow variable: as many rows as it has components, nodes in columns, as a rule shared by all lanes. */
  readonly slow: Readonly<Record<string, Tensor>>;
  /** By fast variable: as many rows as it has components, as a rule one column, samples in lanes. */
  readonly fast: Readonly<Record<string, Tensor>>;
  /** By parameter, one row each. One that is missing must be an expression of others, which then follows them, or a number, which is taken from the model. */
  readonly parameters: Readonly<Record<string, Tensor>>;
}

/** Coefficients as tensors; one row each, or a constant where a coefficient depends on nothing. */
export interface CoefficientTensors {
  /** [dx]: b. */
  readonly drift: readonly Tensor[];
  /** [dx (dx + 1)/2]: lower triangle of σσᵀ, row by row. */
  readonly diffusion: readonly Tensor[];
}

/**
 * Builds the coefficients in a training graph: the same formulas that are simulated.
 *
 * Elementwise nodes broadcast, so slow variables over columns and fast ones over lanes give a value for each node and sample.
 *
 * @throws RangeError as {@link slowCoefficients}; TypeError for a variable that is not bound, or bound to another number of rows.
 */
export function coefficientTensors(model: Model, g: TensorBuilder, inputs: CoefficientInputs): CoefficientTensors {
  const { drift, diffusion } = slowCoefficients(model);
  const graph = graphBuilder({ keepFunctions: true });
  const values: Values = new Map([...model.slow, ...model.fast].map(({ name, size }): [string, Node] => [name, graph.state(name, size)]));
  const results = [...drift, ...diffusion].map(({ build }) => build(graph, values));
  const bind = (leaf: Node): Tensor => {
    if (leaf.op === 'state') {
      const bound = inputs.slow[leaf.name] ?? inputs.fast[leaf.name];
      if (bound === undefined) throw new TypeError(`${leaf.name} must be bound to a tensor, as the coefficients of ${model.name} read it`);
      return bound;
    }
    const parameter = model.parameters.find(({ name }) => `parameter.${name}` === leaf.name);
    if (parameter === undefined) throw new TypeError(`${leaf.name} must be a parameter of ${model.name}`);
    return inputs.parameters[parameter.name] ?? tensorsOf(g, [lowerIn(model, parameter.value, graph, values, graph.constant(0), undefined)], bind)[0];
  };
  const tensors = tensorsOf(g, results, bind);
  return { drift: tensors.slice(0, drift.length), diffusion: tensors.slice(drift.length) };
}
