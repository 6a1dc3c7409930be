/**
 * A slow–fast model as equations: the full system, and the fast process with the slow variables frozen.
 *
 *   dX = b(X, Y, t) dt + σ(X, Y, t) dW,   dY = β(X, Y, t)/ε dt + α(X, Y, t)/√ε dW'
 *
 * Parameters and ε are uniforms, so one program serves every cell of a sweep.
 */
import { type Expression, type GraphBuilder, lower, type Named, type Node, namesIn } from '@ergoflow/kernels';
import type { Equations, NoiseOf, Values } from './equations.ts';
import type { Model, NoiseTerm, Variable } from './model/model.ts';

/** Name of the uniform that holds ε. */
export const EPSILON = 'epsilon';

/** Name of the uniform that holds a parameter. */
export const parameterUniform = (name: string): string => `parameter.${name}`;

/** Gives the uniforms of a model's parameters. */
export function parameterUniforms(values: ReadonlyMap<string, number>): Record<string, Float64Array> {
  return Object.fromEntries([...values].map(([name, value]) => [parameterUniform(name), Float64Array.of(value)]));
}

/** Lowers an expression of a model: variables from `values`, parameters and ε as uniforms, `t` as given. */
export function lowerIn(model: Model, expression: Expression, g: GraphBuilder, values: Values, time: Node, size: number | undefined): Node {
  const sizes = new Map([...model.slow, ...model.fast].filter(({ vector }) => vector).map(({ name, size: width }) => [name, width]));
  const parameters = new Set(model.parameters.map(({ name }) => name));
  const lookup = (name: string): Node | undefined => {
    if (name === 't') return time;
    if (name === EPSILON) return g.uniform(EPSILON);
    if (parameters.has(name)) return g.uniform(parameterUniform(name));
    return values.get(name);
  };
  const scope = {
    lookup,
    sizeOf: (name: string) => sizes.get(name),
    known: [...values.keys(), ...parameters, 't', EPSILON],
    functions: model.tables ?? new Map(),
  };
  return lower(expression, g, scope, size === undefined ? undefined : { size });
}

/** The noise of some variables, with every coefficient multiplied by `scale`. */
export function noiseOf(model: Model, variables: readonly Variable[], g: GraphBuilder, values: Values, time: Node, scale: Node | null): NoiseOf[] {
  return variables.flatMap((variable) =>
    terms(variable).map((term) => {
      const lowered = term.coefficients.map((expression) =>
        lowerIn(model, expression, g, values, time, variable.vector && term.coefficients.length === 1 ? variable.size : undefined),
      );
      const coefficient = g.concatenate(lowered);
      return { variable: variable.name, process: term.process, coefficient: scale === null ? coefficient : g.multiply(coefficient, scale) };
    }),
  );
}

/** The drift of some variables, multiplied by `scale`. */
export function driftOf(
  model: Model,
  variables: readonly Variable[],
  g: GraphBuilder,
  values: Values,
  time: Node,
  scale: Node | null,
): Map<string, Node> {
  return new Map(
    variables.map((variable) => {
      if (variable.drift === 'unknown') throw new TypeError(`the drift of ${variable.name} is unknown, so ${model.name} cannot be simulated`);
      const drift = lowerIn(model, variable.drift, g, values, time, variable.vector ? variable.size : undefined);
      return [variable.name, scale === null ? drift : g.multiply(drift, scale)];
    }),
  );
}

/** The processes that act on some variables, in the model's order. */
export function processesOf(model: Model, variables: readonly Variable[]): Named[] {
  const used = new Set(variables.flatMap((variable) => terms(variable).map((term) => term.process)));
  return model.processes.filter(({ name }) => used.has(name)).map(({ name, size }) => ({ name, width: size }));
}

/** The full system at the ε of the uniform. */
export function fullSystem(model: Model): Equations {
  return {
    variables: widths([...model.slow, ...model.fast]),
    processes: processesOf(model, [...model.slow, ...model.fast]),
    slow: new Set(model.slow.map(({ name }) => name)),
    drift(g, state, time) {
      const speed = g.divide(g.constant(1), g.uniform(EPSILON));
      return new Map([...driftOf(model, model.slow, g, state, time, null), ...driftOf(model, model.fast, g, state, time, speed)]);
    },
    noise(g, state, time) {
      const speed = g.divide(g.constant(1), g.squareRoot(g.uniform(EPSILON)));
      return [...noiseOf(model, model.slow, g, state, time, null), ...noiseOf(model, model.fast, g, state, time, speed)];
    },
  };
}

/**
 * The fast process at unit speed with the slow variables frozen, and the time with them at 0.
 *
 * @param frozen Gives the nodes of the slow variables.
 */
export function frozenFast(model: Model, frozen: (g: GraphBuilder) => Values): Equations {
  const values = (g: GraphBuilder, state: Values): Values => new Map([...frozen(g), ...state]);
  return {
    variables: widths(model.fast),
    processes: processesOf(model, model.fast),
    drift: (g, state) => driftOf(model, model.fast, g, values(g, state), g.constant(0), null),
    noise: (g, state) => noiseOf(model, model.fast, g, values(g, state), g.constant(0), null),
  };
}

/** Names and widths of variables. */
export function widths(variables: readonly Variable[]): Named[] {
  return variables.map(({ name, size }) => ({ name, width: size }));
}

/** True if the noise of the slow variables depends on the fast ones. */
export function slowNoiseIsFast(model: Model): boolean {
  const fast = new Set(model.fast.map(({ name }) => name));
  return model.slow.some((variable) =>
    terms(variable).some((term) => term.coefficients.some((coefficient) => [...namesIn(coefficient)].some((name) => fast.has(name)))),
  );
}

/** True if the noise of the slow variables depends on no variable. */
export function slowNoiseIsAdditive(model: Model): boolean {
  const variables = new Set([...model.slow, ...model.fast].map(({ name }) => name));
  return model.slow.every((variable) =>
    terms(variable).every((term) => term.coefficients.every((coefficient) => ![...namesIn(coefficient)].some((name) => variables.has(name)))),
  );
}

/** Processes that act on fast variables, or null if one of them acts on a slow variable too. */
export function fastProcesses(model: Model): ReadonlySet<string> | null {
  const names = processesOf(model, model.fast).map(({ name }) => name);
  const slow = new Set(processesOf(model, model.slow).map(({ name }) => name));
  return names.some((name) => slow.has(name)) ? null : new Set(names);
}

/** True if a drift or noise of the model reads a name, such as `t`. */
export function readsName(model: Model, name: string): boolean {
  const reads = (expression: Expression): boolean => namesIn(expression).has(name);
  return [...model.slow, ...model.fast].some(
    (variable) => (variable.drift !== 'unknown' && reads(variable.drift)) || terms(variable).some((term) => term.coefficients.some(reads)),
  );
}

/** True if the law of the frozen fast process depends on the slow variables. */
export function fastSeesSlow(model: Model): boolean {
  const slow = new Set(model.slow.map(({ name }) => name));
  const sees = (expression: Expression): boolean => [...namesIn(expression)].some((name) => slow.has(name));
  return model.fast.some(
    (variable) => (variable.drift !== 'unknown' && sees(variable.drift)) || terms(variable).some((term) => term.coefficients.some(sees)),
  );
}

function terms(variable: Variable): readonly NoiseTerm[] {
  if (variable.noise === 'unknown') throw new TypeError(`the noise of ${variable.name} is unknown, so its model cannot be simulated`);
  return variable.noise;
}
