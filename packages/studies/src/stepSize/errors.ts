/**
 * Errors of a scheme at a step against a finer reference on the same Wiener paths.
 *
 * Per replicate: |X_h - X_ref|² of the slow variables at the horizon and f(X_h) - f(X_ref) for each test function; and the same of the reference at its
 * step against itself at twice its step. All three paths begin at one state.
 */
import { type GraphBuilder, graphBuilder, type Node, type Program, parseExpression, program } from '@ergoflow/kernels';
import {
  averagedEquation,
  coupledProgram,
  EPSILON,
  type Equations,
  type Failure,
  fullSystem,
  kernelOf,
  lowerIn,
  type Model,
  openStreams,
  parameterUniforms,
  type Scheme,
  simulate,
  startPaths,
  stateName,
  type Values,
} from '@ergoflow/sde';

/** What to simulate. */
export interface StepErrorOptions {
  readonly model: Model;
  readonly parameters: ReadonlyMap<string, number>;
  readonly epsilon: number;
  readonly scheme: Scheme;
  readonly dt: number;
  readonly steps: number;
  readonly reference: { readonly scheme: Scheme; readonly refinement: number };
  readonly testFunctions: readonly string[];
  /** Replicates [from, to). */
  readonly from: number;
  readonly to: number;
  readonly meaning: readonly (string | number)[];
}

/** The two comparisons. */
export const COMPARISONS = ['scheme', 'reference'] as const;

/** Names of the observables: `scheme squared`, `scheme f0`, …, `reference squared`, …. */
export function observablesOf(testFunctions: readonly string[]): string[] {
  return COMPARISONS.flatMap((name) => [`${name} squared`, ...testFunctions.map((_, k) => `${name} f${k}`)]);
}

/** What a scheme is compared with: the model's full system, or its averaged equation for a scheme that converges to that. */
export function limitOf(model: Model, scheme: Scheme): Equations {
  return scheme.limit === 'averaged' ? averagedEquation(model, { kind: 'truth' }) : fullSystem(model);
}

/** Observables by name, [replicates], and the paths that failed in any of the three. */
export function stepErrors(options: StepErrorOptions): {
  readonly observables: ReadonlyMap<string, Float64Array>;
  readonly failures: readonly Failure[];
} {
  const { model, parameters, epsilon, scheme, dt, steps, reference, testFunctions, from, to, meaning } = options;
  const fine = reference.refinement;
  const started = startPaths({
    model,
    parameters,
    // A multiscale scheme has its micro-solver for the fast process, whose step does not grow with the macro-step.
    scheme: scheme.micro === undefined ? reference.scheme : scheme,
    epsilon,
    unitStep: dt / fine / epsilon,
    from,
    to,
    meaning,
    resolutions: [{ name: 'start', substeps: 1 }],
  });
  const start = started.values.get('start') as ReadonlyMap<string, Float64Array>;
  const uniforms = { ...parameterUniforms(parameters), [EPSILON]: Float64Array.of(epsilon) };
  const programs = programsOf(options);
  const failures = new Map(started.failures.map((failure) => [failure.replicate, failure]));
  const run = (made: Program, equations: Equations, perStep: number): Readonly<Record<string, Float64Array>> => {
    const states: Record<string, Float64Array> = {};
    for (const { name } of equations.variables) states[stateName('path', name)] = (start.get(name) as Float64Array).slice();
    const lost = simulate({
      kernel: kernelOf(made),
      from,
      to,
      steps: steps * perStep,
      dt: dt / perStep,
      uniforms,
      states,
      streams: openStreams(made, meaning, from, to),
    });
    for (const failure of lost) if (!failures.has(failure.replicate)) failures.set(failure.replicate, failure);
    return states;
  };
  const paths = {
    scheme: run(programs.scheme, fullSystem(model), 1),
    fine: run(programs.fine, programs.limit, fine),
    half: run(programs.half, programs.limit, fine / 2),
  };
  const observables = new Map<string, Float64Array>();
  for (const [name, [a, b]] of [
    ['scheme', [paths.scheme, paths.fine]],
    ['reference', [paths.half, paths.fine]],
  ] as const) {
    const states: Record<string, Float64Array> = {};
    for (const { name: variable } of model.slow) {
      states[stateName('a', variable)] = a[stateName('path', variable)];
      states[stateName('b', variable)] = b[stateName('path', variable)];
    }
    for (const observable of ['squared', ...testFunctions.map((_, k) => `f${k}`)]) {
      states[observable] = new Float64Array(to - from);
      observables.set(`${name} ${observable}`, states[observable]);
    }
    kernelOf(programs.compare).run({ lanes: to - from, steps: 1, firstStep: 0, uniforms, states, streams: {} });
  }
  return { observables, failures: [...failures.values()].sort((a, b) => a.replicate - b.replicate) };
}

interface Programs {
  readonly scheme: Program;
  readonly fine: Program;
  readonly half: Program;
  readonly compare: Program;
  readonly limit: Equations;
}

const made = new WeakMap<Model, Map<string, Programs>>();

function programsOf({ model, scheme, reference, testFunctions }: StepErrorOptions): Programs {
  const known = made.get(model) ?? new Map<string, Programs>();
  made.set(model, known);
  const key = JSON.stringify([scheme.name, reference.scheme.name, reference.refinement, testFunctions]);
  const existing = known.get(key);
  if (existing !== undefined) return existing;
  const limit = limitOf(model, scheme);
  const path = (equations: Equations, own: Scheme, finest: number): Program =>
    coupledProgram({ members: [{ name: 'path', equations, scheme: own, substeps: 1 }], finest });
  const programs = {
    scheme: path(fullSystem(model), scheme, reference.refinement),
    fine: path(limit, reference.scheme, 1),
    half: path(limit, reference.scheme, 2),
    compare: compareProgram(model, testFunctions),
    limit,
  };
  known.set(key, programs);
  return programs;
}

function compareProgram(model: Model, testFunctions: readonly string[]): Program {
  const g = graphBuilder();
  const [a, b] = ['a', 'b'].map(
    (member): Values => new Map(model.slow.map(({ name, size }): [string, Node] => [name, g.state(stateName(member, name), size)])),
  );
  const value = (text: string, values: Values): Node => testFunctionNode(model, text, g, values);
  const squares = model.slow.map(({ name }) => {
    const difference = g.subtract(a.get(name) as Node, b.get(name) as Node);
    return g.sum(g.multiply(difference, difference));
  });
  return program([
    ...model.slow.flatMap(({ name, size }) => ['a', 'b'].map((member) => ({ name: stateName(member, name), width: size, next: null }))),
    { name: 'squared', width: 1, next: squares.reduce((total, square) => g.add(total, square)) },
    ...testFunctions.map((text, k) => ({ name: `f${k}`, width: 1, next: g.subtract(value(text, a), value(text, b)) })),
  ]);
}

/**
 * Lowers a test function of the slow variables.
 *
 * @throws ExpressionError or RangeError if it is none, or gives no single number.
 */
export function testFunctionNode(model: Model, text: string, g: GraphBuilder, slow: Values): Node {
  const node = lowerIn(model, parseExpression(text), g, slow, g.constant(0), undefined);
  if (node.mask || node.width !== 1) throw new RangeError('one number is needed, such as x^2 or mean(x)');
  return node;
}
