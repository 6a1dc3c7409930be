/** Jacobians of drifts, entry by entry, with the zeros that are seen in the graph left out. */
import type { GraphBuilder, Node } from '@ergoflow/kernels';
import type { Equations, Values } from '../equations.ts';
import { dependsOn, type Tangent, tangents } from './derivative.ts';
import { probe } from './noiseStructure.ts';

/** A scalar part of a variable. */
export interface Component {
  readonly variable: string;
  readonly index: number;
  /** Components of the variable. */
  readonly width: number;
}

/** The components of an equation's variables in order. */
export function componentsOf({ variables }: Equations): Component[] {
  return variables.flatMap(({ name, width }) => Array.from({ length: width }, (_, index) => ({ variable: name, index, width })));
}

/** One component of values, width 1. */
export function pick(g: GraphBuilder, values: Values, { variable, index }: Component): Node {
  const node = values.get(variable) as Node;
  return node.width === 1 ? node : g.gather(node, [index]);
}

/** Puts components together to values, in the order of {@link componentsOf}. */
export function assemble(g: GraphBuilder, { variables }: Equations, parts: readonly Node[]): Values {
  let offset = 0;
  return new Map(
    variables.map(({ name, width }) => {
      const own = parts.slice(offset, offset + width);
      offset += width;
      return [name, g.concatenate(own)];
    }),
  );
}

/** [row][column] ∂drift_row/∂x_column; null where it is 0 by structure. */
export function jacobian(g: GraphBuilder, equations: Equations, state: Values, drift: Values): Tangent[][] {
  const components = componentsOf(equations);
  const names = equations.variables.map(({ name }) => name);
  const results = equations.variables.map(({ name, width }) => g.gather(drift.get(name) as Node, broadcast(drift.get(name) as Node, width)));
  const columns = components.map(({ variable, index, width }) => {
    const direction = new Map([[variable, g.constant(Array.from({ length: width }, (_, k) => (k === index ? 1 : 0)))]]);
    return new Map(tangents(g, state, direction, results).map((tangent, k) => [names[k], tangent]));
  });
  return components.map((row) =>
    columns.map((column) => {
      const tangent = column.get(row.variable) as Tangent;
      if (tangent === null) return null;
      const entry = tangent.width === 1 ? tangent : g.gather(tangent, [row.index]);
      return entry.op === 'constant' && entry.numbers[0] === 0 ? null : entry;
    }),
  );
}

const broadcast = (node: Node, width: number): number[] => Array.from({ length: width }, (_, k) => (node.width === 1 ? 0 : k));

const linear = new WeakMap<Equations, boolean>();

/** True if the drift is linear in the state, with coefficients that may depend on the time. */
export function isLinear(equations: Equations): boolean {
  const known = linear.get(equations);
  if (known !== undefined) return known;
  const { g, state, time } = probe(equations);
  const entries = jacobian(g, equations, state, equations.drift(g, state, time)).flat();
  const result = entries.every((entry) => entry === null || !dependsOn(entry, state.values()));
  linear.set(equations, result);
  return result;
}
