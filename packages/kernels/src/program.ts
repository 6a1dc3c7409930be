/**
 * Lane programs: what every lane does in one step, and the states that it carries from step to step.
 *
 * A lane is one path, one sample, one node of a grid. A program that maps inputs to outputs is a program of one step.
 */
import { type Node, reachable } from './graph.ts';

/** A value that each lane owns. */
export interface ProgramState {
  readonly name: string;
  readonly width: number;
  /** Its value after the step; null for one that is only read. */
  readonly next: Node | null;
}

/** A named value of known width: a uniform, or a stream with its number of normals per step. */
export interface Named {
  readonly name: string;
  readonly width: number;
}

/** A lane program, checked. */
export interface Program {
  readonly states: readonly ProgramState[];
  /** Uniforms that the program reads, in order of name. */
  readonly uniforms: readonly Named[];
  /** Streams that the program draws from, in order of name. */
  readonly streams: readonly Named[];
  /** What has to be computed, inputs first. */
  readonly nodes: readonly Node[];
}

/**
 * Makes a program of its states' next values, all of one graph.
 *
 * @throws TypeError if a width differs from its state's, a truth value is to be stored, or a state that is read is not listed.
 */
export function program(states: readonly ProgramState[]): Program {
  const nodes = reachable(states.flatMap((state) => (state.next === null ? [] : [state.next])));
  const widths = new Map(states.map((state) => [state.name, state.width]));
  if (widths.size !== states.length) throw new TypeError('the names of the states must differ');
  for (const { name, width, next } of states) {
    if (next !== null && (next.mask || (next.width !== width && next.width !== 1))) {
      throw new TypeError(`the next value of state ${name} must be ${width} numbers, got ${next.mask ? 'truth values' : next.width}`);
    }
  }
  for (const node of nodes) {
    if (node.op === 'state' && widths.get(node.name) !== node.width) {
      throw new TypeError(`state ${node.name} must be listed with width ${node.width}, got ${widths.get(node.name) ?? 'none'}`);
    }
  }
  return { states, nodes, uniforms: named(nodes, 'uniform'), streams: named(nodes, 'normal') };
}

function named(nodes: readonly Node[], op: 'uniform' | 'normal'): Named[] {
  const widths = new Map<string, number>();
  for (const node of nodes) {
    if (node.op !== op) continue;
    if ((widths.get(node.name) ?? node.width) !== node.width) throw new TypeError(`${op} ${node.name} must have one width`);
    widths.set(node.name, node.width);
  }
  return [...widths].map(([name, width]) => ({ name, width })).sort((a, b) => (a.name < b.name ? -1 : 1));
}
