/**
 * The averaged equation dX̄ = b̄(X̄) dt + s̄(X̄) dW, b̄ = E_π[b], s̄ s̄ᵀ = ā = E_π[σσᵀ]: from the model's closed forms, or from tables of ergodic averages.
 *
 * Where σ does not depend on the fast variables, σ itself stands for s̄, on the same Wiener processes. Where it does, or in homogenization, s̄ is the lower Cholesky factor
 * of ā, its k-th column on the k-th slow process; then X̄ is right in law, and paths are close only if the model makes them so.
 */
import type { GraphBuilder, Named, Node } from '@ergoflow/kernels';
import type { Equations, NoiseOf, Values } from '../equations.ts';
import type { Model } from '../model/model.ts';
import { EPSILON, lowerIn, noiseOf, processesOf, readsName, slowNoiseIsFast, widths } from '../system.ts';
import { type GridAxis, interpolate } from './interpolate.ts';

/** Where the averages come from: the model's `truth`, or tables (uniforms named by {@link tableUniform}) on a grid of slow states. */
export type AverageSource = { readonly kind: 'truth' } | { readonly kind: 'grid'; readonly axes: readonly GridAxis[]; readonly tables: string };

/** What is averaged: b of each slow component, and where needed the lower triangle of σσᵀ. */
export interface Coefficient {
  /** `drift x`, `drift x[2]`, `diffusion x x`. */
  readonly name: string;
  /** Its value at slow and fast states. */
  readonly build: (g: GraphBuilder, values: Values, time: Node) => Node;
}

/** Name of the uniform that holds a table. */
export const tableUniform = (tables: string, coefficient: string): string => `${tables}.${coefficient}`;

/** A scalar part of a slow variable. */
export interface Component {
  readonly variable: string;
  readonly index: number;
  readonly label: string;
}

/** The slow variables' components in order, labelled x or x[1]. */
export function slowComponents(model: Model): Component[] {
  return model.slow.flatMap(({ name, size, vector }) =>
    Array.from({ length: size }, (_, index) => ({ variable: name, index, label: vector ? `${name}[${index + 1}]` : name })),
  );
}

/** Lists the averages that an averaged equation without closed forms needs. */
export function coefficientsOf(model: Model): Coefficient[] {
  const components = slowComponents(model);
  const drifts = components.map(({ variable, index, label }): Coefficient => {
    const slow = model.slow.find(({ name }) => name === variable) as Model['slow'][number];
    return {
      name: `drift ${label}`,
      build: (g, values, time) => {
        if (slow.drift === 'unknown') throw new TypeError(`the drift of ${variable} must be known`);
        const drift = lowerIn(model, slow.drift, g, values, time, slow.vector ? slow.size : undefined);
        return drift.width === 1 ? drift : g.gather(drift, [index]);
      },
    };
  });
  if (!slowNoiseIsFast(model)) return drifts;
  const diffusions = components.flatMap((row, i) =>
    components.slice(0, i + 1).map(
      (column): Coefficient => ({
        name: `diffusion ${column.label} ${row.label}`,
        build: (g, values, time) => covariance(g, model, noiseOf(model, model.slow, g, values, time, null), row, column),
      }),
    ),
  );
  return [...drifts, ...diffusions];
}

/** Entry of σσᵀ: own elementwise processes correlate a component with itself only, a shared process all that it acts on. */
export function covariance(g: GraphBuilder, model: Model, noise: readonly NoiseOf[], row: Component, column: Component): Node {
  const size = new Map(model.processes.map((process) => [process.name, process.size]));
  const part = (term: NoiseOf, { index }: Component): Node => (term.coefficient.width === 1 ? term.coefficient : g.gather(term.coefficient, [index]));
  let total: Node = g.constant(0);
  for (const a of noise) {
    for (const b of noise) {
      if (a.variable !== row.variable || b.variable !== column.variable || a.process !== b.process) continue;
      if (size.get(a.process) !== 1 && row.index !== column.index) continue;
      total = g.add(total, g.multiply(part(a, row), part(b, column)));
    }
  }
  return total;
}

/** Makes the averaged equation. */
export function averagedEquation(model: Model, source: AverageSource): Equations {
  const ownNoise = usesOwnNoise(model, source);
  const components = slowComponents(model);
  const processes: Named[] = ownNoise ? processesOf(model, model.slow) : factorProcesses(model, components.length);
  const averages = (g: GraphBuilder, state: Values, time: Node): ReadonlyMap<string, Node> =>
    source.kind === 'truth' ? fromTruth(g, model, state, time) : fromTables(g, model, source, state);
  return {
    variables: widths(model.slow),
    processes,
    drift(g, state, time) {
      const average = averages(g, state, time);
      return new Map(
        model.slow.map(({ name }) => [
          name,
          g.concatenate(components.filter(({ variable }) => variable === name).map(({ label }) => average.get(`drift ${label}`) as Node)),
        ]),
      );
    },
    noise(g, state, time) {
      if (ownNoise) return noiseOf(model, model.slow, g, state, time, null);
      return cholesky(g, components, averages(g, state, time), processes);
    },
  };
}

/**
 * Averaging leaves a σ that does not depend on the fast variables as it is, also where the truth repeats it: a factor of ā could differ from it in sign or
 * by a rotation, and the paths with it. Only homogenization, whose equations read ε, changes it.
 */
function usesOwnNoise(model: Model, source: AverageSource): boolean {
  if (slowNoiseIsFast(model)) return false;
  const isGiven = source.kind === 'truth' && model.truth?.diffusion !== undefined;
  return !isGiven || !readsName(model, EPSILON) || model.slow.some(({ vector }) => vector);
}

/** The closed forms; ā's missing entries are 0. */
function fromTruth(g: GraphBuilder, model: Model, state: Values, time: Node): Map<string, Node> {
  const { truth } = model;
  if (truth === undefined) throw new TypeError(`${model.name} has no truth`);
  const found = new Map<string, Node>();
  const component = (expression: Parameters<typeof lowerIn>[1][], { variable, index }: Component): Node => {
    const slow = model.slow.find(({ name }) => name === variable) as Model['slow'][number];
    if (expression.length > 1) return lowerIn(model, expression[index], g, state, time, undefined);
    const lowered = lowerIn(model, expression[0], g, state, time, slow.vector ? slow.size : undefined);
    return lowered.width === 1 ? lowered : g.gather(lowered, [index]);
  };
  for (const part of slowComponents(model)) found.set(`drift ${part.label}`, component([...(truth.drift.get(part.variable) ?? [])], part));
  const components = slowComponents(model);
  for (const [i, row] of components.entries()) {
    for (const column of components.slice(0, i + 1)) {
      const given =
        truth.diffusion?.get(`${column.label} ${row.label}`) ??
        truth.diffusion?.get(`${row.label} ${column.label}`) ??
        (row === column ? (truth.diffusion?.get(row.label) ?? truth.diffusion?.get(row.variable)) : undefined);
      found.set(`diffusion ${column.label} ${row.label}`, given === undefined ? g.constant(0) : component([...given], row));
    }
  }
  return found;
}

function fromTables(g: GraphBuilder, model: Model, source: Extract<AverageSource, { kind: 'grid' }>, state: Values): Map<string, Node> {
  const at = slowComponents(model).map(({ variable, index }) => g.gather(state.get(variable) as Node, [index]));
  const size = source.axes.reduce((product, { count }) => product * count, 1);
  const names = coefficientsOf(model).map(({ name }) => name);
  const values = interpolate(
    g,
    names.map((name) => g.uniform(tableUniform(source.tables, name), size)),
    source.axes,
    at,
  );
  return new Map(names.map((name, k) => [name, values[k]]));
}

/** Lower Cholesky factor of ā; a pivot that rounding made negative counts as 0. */
function cholesky(g: GraphBuilder, components: readonly Component[], average: ReadonlyMap<string, Node>, processes: readonly Named[]): NoiseOf[] {
  const zero = g.constant(0);
  const factor: Node[][] = [];
  for (const [i, row] of components.entries()) {
    factor.push([]);
    for (let j = 0; j <= i; j++) {
      let rest = average.get(`diffusion ${components[j].label} ${row.label}`) as Node;
      for (let k = 0; k < j; k++) rest = g.subtract(rest, g.multiply(factor[i][k], factor[j][k]));
      if (i === j) factor[i].push(g.squareRoot(g.select(g.less(rest, zero), zero, rest)));
      else factor[i].push(g.select(g.equal(factor[j][j], zero), zero, g.divide(rest, factor[j][j])));
    }
  }
  return components.flatMap(({ variable }, i) => factor[i].map((coefficient, k) => ({ variable, process: processes[k].name, coefficient })));
}

/** One scalar process per component: the slow processes of the model as far as they go, then new ones. */
function factorProcesses(model: Model, count: number): Named[] {
  const own = processesOf(model, model.slow).filter(({ width }) => width === 1);
  return Array.from({ length: count }, (_, k) => own[k] ?? { name: `averaged.${k + 1}`, width: 1 });
}

/**
 * Says why a model's averaged equation cannot be had, or null if it can.
 */
export function averagedObstacle(model: Model): string | null {
  const noise = slowNoiseIsFast(model);
  if (noise && model.slow.some(({ vector }) => vector))
    return 'the noise of a slow vector depends on fast variables: write its components as scalar variables';
  if (model.truth !== undefined) {
    if (noise && model.truth.diffusion === undefined) return 'the noise depends on fast variables: give truth.diffusion as well as truth.drift';
    return null;
  }
  if (readsName(model, EPSILON))
    return 'its equations read epsilon, so the limit is no average at fixed slow state: give it in closed form under truth';
  if (readsName(model, 't')) return 'its equations read the time, which ergodic averages would freeze: give the averages in closed form under truth';
  const dimension = slowComponents(model).length;
  if (dimension > 2)
    return `ergodic averages are tabulated for at most 2 slow components, this model has ${dimension}: give its averages in closed form under truth`;
  return null;
}
