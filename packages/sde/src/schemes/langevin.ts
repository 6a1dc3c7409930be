/** Langevin systems, recognised in the graph of an equation: dq = c v dt, dv = (F(q, t) - γ v) dt + Σ s^j dW_j with constant c, γ and s. */
import type { GraphBuilder, Node } from '@ergoflow/kernels';
import type { Equations, Values } from '../equations.ts';
import { dependsOn, tangents } from './derivative.ts';
import { elementDependencies, probe } from './noiseStructure.ts';

/** A position and its velocity, by name of the variables; equally wide. */
export interface Pair {
  readonly position: string;
  readonly velocity: string;
}

const known = new WeakMap<Equations, readonly Pair[] | string>();

/** Finds the pairs, or says what does not fit. */
export function langevinPairs(equations: Equations): readonly Pair[] | string {
  const existing = known.get(equations);
  if (existing !== undefined) return existing;
  const found = find(equations);
  known.set(equations, found);
  return found;
}

function find(equations: Equations): readonly Pair[] | string {
  const { g, state, time } = probe(equations);
  const drift = equations.drift(g, state, time);
  const noise = equations.noise(g, state, time);
  const varying = [...state.values(), time];
  const pairs = equations.variables.flatMap(({ name, width }): Pair[] => {
    const velocity = homogeneousIn(drift.get(name) as Node, state, varying);
    const isPair = velocity !== null && velocity !== name && (state.get(velocity) as Node).width === width;
    return isPair && noise.every(({ variable }) => variable !== name) ? [{ position: name, velocity }] : [];
  });
  const velocities = new Set(pairs.map(({ velocity }) => velocity));
  const positions = new Set(pairs.map(({ position }) => position));
  const single = equations.variables.find(({ name }) => positions.has(name) === velocities.has(name));
  if (single !== undefined || velocities.size < pairs.length) {
    const name = single?.name ?? (pairs[0] as Pair).velocity;
    return `all variables must be pairs of a position, whose drift is its velocity times a constant and which has no noise, and a velocity: ${name} is in no such pair`;
  }
  const dependencies = elementDependencies(velocities);
  for (const { velocity } of pairs) {
    const elements = dependencies(drift.get(velocity) as Node);
    const isOwn = elements.every((reads, k) => [...reads].every((read) => read === `${velocity}[${k}]`));
    const friction = isOwn ? tangents(g, state, new Map([[velocity, g.constant(1)]]), [drift.get(velocity) as Node])[0] : null;
    if (!isOwn || (friction !== null && dependsOn(friction, varying)))
      return `the friction must be a constant times the own velocity, and that of ${velocity} is not`;
  }
  const varied = noise.find(({ coefficient }) => dependsOn(coefficient, varying));
  return varied === undefined ? pairs : `the noise of a velocity must be constant, and that of ${varied.variable} is not`;
}

/** The variable that a node is, times factors that do not vary; null if it is not of this form. */
function homogeneousIn(node: Node, state: Values, varying: readonly Node[]): string | null {
  for (const [name, value] of state) if (value === node) return name;
  const [a, b] = node.inputs;
  if (node.op === 'negate') return homogeneousIn(a, state, varying);
  if (node.op === 'multiply' && !dependsOn(a, varying)) return homogeneousIn(b, state, varying);
  if ((node.op === 'multiply' || node.op === 'divide') && !dependsOn(b, varying)) return homogeneousIn(a, state, varying);
  return null;
}

/** c by position and γ by velocity. */
export function langevinConstants(
  g: GraphBuilder,
  equations: Equations,
  state: Values,
  time: Node,
  pairs: readonly Pair[],
): { readonly speed: ReadonlyMap<string, Node>; readonly friction: ReadonlyMap<string, Node> } {
  const drift = equations.drift(g, state, time);
  const along = (of: string, velocity: string): Node =>
    tangents(g, state, new Map([[velocity, g.constant(1)]]), [drift.get(of) as Node])[0] ?? g.constant(0);
  return {
    speed: new Map(pairs.map(({ position, velocity }) => [position, along(position, velocity)])),
    friction: new Map(pairs.map(({ velocity }) => [velocity, g.negate(along(velocity, velocity))])),
  };
}
