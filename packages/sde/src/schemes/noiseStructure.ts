/**
 * The structure of an equation's noise, read off its graph: which scalar Wiener process acts on which component, and what its coefficient depends on.
 *
 * With columns b^j of the noise and L^j = Σ_i b^j_i ∂/∂x_i, noise is additive if no coefficient depends on the state, diagonal (in the wide sense meant here)
 * if L^j b^k = 0 for j ≠ k because no coefficient of one process depends on a component that another acts on, and commutative if L^j b^k = L^k b^j for all
 * j, k (Kloeden & Platen 1992, (10.3.13)).
 */
import { type GraphBuilder, graphBuilder, type Node } from '@ergoflow/kernels';
import type { Equations, NoiseOf, Values } from '../equations.ts';

/** One scalar Wiener process: a component of a process. */
export interface Column {
  readonly process: string;
  readonly index: number;
  /** Number of components of the process. */
  readonly width: number;
}

/** What is known of an equation's noise without values. */
export interface NoiseStructure {
  readonly columns: readonly Column[];
  readonly isAdditive: boolean;
  readonly isDiagonal: boolean;
}

/** Name of the uniform that stands for the time where equations are only looked at. */
export const PROBE_TIME = 'probe.time';

/** Nodes for equations that are only looked at: one state per variable. */
export function probe(equations: Equations): { readonly g: GraphBuilder; readonly state: Values; readonly time: Node } {
  const g = graphBuilder();
  return { g, state: new Map(equations.variables.map(({ name, width }) => [name, g.state(name, width)])), time: g.uniform(PROBE_TIME) };
}

const structures = new WeakMap<Equations, NoiseStructure>();

/** Reads the structure of the noise. */
export function noiseStructure(equations: Equations): NoiseStructure {
  const known = structures.get(equations);
  if (known !== undefined) return known;
  const { g, state, time } = probe(equations);
  const noise = equations.noise(g, state, time);
  const dependencies = elementDependencies(new Set(equations.variables.map(({ name }) => name)));
  const found = new Map<string, { readonly column: Column; readonly actsOn: Set<string>; readonly reads: Set<string> }>();
  const variableWidths = new Map(equations.variables.map(({ name, width }) => [name, width]));
  const processWidths = new Map(equations.processes.map(({ name, width }) => [name, width]));
  for (const { variable, process, coefficient } of noise) {
    const width = processWidths.get(process) as number;
    const reads = dependencies(coefficient);
    for (let i = 0; i < (variableWidths.get(variable) as number); i++) {
      const index = width === 1 ? 0 : i;
      const key = `${process}[${index}]`;
      const entry = found.get(key) ?? { column: { process, index, width }, actsOn: new Set<string>(), reads: new Set<string>() };
      found.set(key, entry);
      entry.actsOn.add(`${variable}[${i}]`);
      for (const name of reads[coefficient.width === 1 ? 0 : i]) entry.reads.add(name);
    }
  }
  const entries = [...found.values()];
  const actors = new Map<string, number>();
  for (const { actsOn } of entries) for (const name of actsOn) actors.set(name, (actors.get(name) ?? 0) + 1);
  const structure = {
    columns: entries.map(({ column }) => column),
    isAdditive: entries.every(({ reads }) => reads.size === 0),
    // Of the processes that act on a component read here, none but the own one may be left.
    isDiagonal: entries.every(({ reads, actsOn }) => [...reads].every((name) => (actors.get(name) ?? 0) <= (actsOn.has(name) ? 1 : 0))),
  };
  structures.set(equations, structure);
  return structure;
}

/** The part of the noise that one scalar process makes: the terms of its process, cut down to its component. */
export function columnOf(g: GraphBuilder, noise: readonly NoiseOf[], { process, index, width }: Column): NoiseOf[] {
  const own = noise.filter((term) => term.process === process);
  if (width === 1) return own;
  const only = g.constant(Array.from({ length: width }, (_, k) => (k === index ? 1 : 0)));
  return own.map((term) => ({ ...term, coefficient: g.multiply(term.coefficient, only) }));
}

/** Adds up terms by variable, each multiplied by what its process has done; variables without noise are left out. */
export function combine(g: GraphBuilder, noise: readonly NoiseOf[], factor: (process: string) => Node | null): Map<string, Node> {
  const total = new Map<string, Node>();
  for (const { variable, process, coefficient } of noise) {
    const by = factor(process);
    const part = by === null ? coefficient : g.multiply(coefficient, by);
    const before = total.get(variable);
    total.set(variable, before === undefined ? part : g.add(before, part));
  }
  return total;
}

/** For each element of a node, the components of the variables that it is built from, as `x[0]`. */
export function elementDependencies(variables: ReadonlySet<string>): (node: Node) => readonly ReadonlySet<string>[] {
  const known = new Map<number, readonly ReadonlySet<string>[]>();
  const none: ReadonlySet<string> = new Set();
  const union = (sets: readonly ReadonlySet<string>[]): ReadonlySet<string> => {
    const full = [...new Set(sets)].filter(({ size }) => size > 0);
    return full.length === 0 ? none : full.length === 1 ? full[0] : new Set(full.flatMap((set) => [...set]));
  };
  const visit = (node: Node): readonly ReadonlySet<string>[] => {
    const existing = known.get(node.id);
    if (existing !== undefined) return existing;
    const inputs = node.inputs.map(visit);
    const elements = Array.from({ length: node.width }, (_, k) => {
      if (node.op === 'state') return variables.has(node.name) ? new Set([`${node.name}[${k}]`]) : none;
      if (node.op === 'gather') return inputs[0][node.numbers[k]];
      if (node.op === 'sum') {
        const size = node.inputs[0].width / node.width;
        return union(inputs[0].slice(k * size, (k + 1) * size));
      }
      if (node.op === 'lookup') return inputs[1][k];
      return node.op === 'concatenate' ? none : union(inputs.map((sets) => sets[sets.length === 1 ? 0 : k]));
    });
    const result = node.op === 'concatenate' ? inputs.flat() : elements;
    known.set(node.id, result);
    return result;
  };
  return visit;
}
