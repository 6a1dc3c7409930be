/**
 * What every target does with a program, decided once: what is computed how often, which nodes share a loop over elements, and where vectors are kept.
 *
 * Nodes of one width share a loop where they can; sums are added inside the loop that makes their terms, so terms are not stored. A new vector state
 * is written over the old one where nothing reads the old one any more, else the two change places.
 */
import type { Node } from '../graph.ts';
import type { Program } from '../program.ts';

/** Nodes that are computed together: one after the other (width 1), in one loop over elements, or a vector put together from parts. */
export interface Item {
  readonly kind: 'loop' | 'concatenate';
  /** Number of elements; 1 for no loop. */
  readonly width: number;
  /** The loop is one over groups of equal size: sums begin anew in each. */
  groups: number;
  /** In order; sums among them. */
  readonly nodes: Node[];
}

/** Where a vector is kept. */
export interface Place {
  readonly kind: 'constant' | 'uniform' | 'state' | 'normal' | 'array';
  /** Index within its kind. */
  readonly index: number;
  readonly width: number;
  /** False if it is shared by all lanes. */
  readonly perLane: boolean;
  readonly halo: Halo;
}

/** Copies of a ring's last elements before its first one, and of its first ones behind its last: what lies around an element is then reached without a table. */
export interface Halo {
  readonly before: number;
  readonly after: number;
}

const NO_HALO: Halo = { before: 0, after: 0 };

/** How a state gets its next value, after all next values are known. */
export interface Update {
  readonly state: number;
  readonly next: Node;
  /** `scalar`: assign; `written`: nothing to do; `swap`: the state and the array change places. */
  readonly kind: 'scalar' | 'written' | 'swap';
}

/** The plan of a program. */
export interface Plan {
  readonly program: Program;
  /** Computed once per call, for all lanes. */
  readonly shared: readonly Item[];
  /** Computed once per step, for all lanes. */
  readonly perStep: readonly Item[];
  /** Computed at each step for each lane. */
  readonly perLane: readonly Item[];
  /** Vectors that are constant. */
  readonly constants: readonly Node[];
  /** Vectors that are computed and kept, by index of their place. */
  readonly arrays: readonly Node[];
  readonly updates: readonly Update[];
  /** Where a vector is kept; undefined if it is never stored. */
  place(node: Node): Place | undefined;
  /** The halo of a state, by its index. */
  haloOf(state: number): Halo;
  /** Index of a node's state, uniform or stream in the program's lists. */
  indexOf(node: Node): number;
}

const LEAVES = new Set(['constant', 'uniform', 'state', 'step', 'normal']);

/** Decides how a program is run. */
export function planOf(program: Program): Plan {
  const indices = {
    uniform: new Map(program.uniforms.map(({ name }, k) => [name, k])),
    state: new Map(program.states.map(({ name }, k) => [name, k])),
    normal: new Map(program.streams.map(({ name }, k) => [name, k])),
  };
  const indexOf = (node: Node): number => indices[node.op as 'state'].get(node.name) as number;
  const { nodes, nexts } = withVectorResults(program);
  const inScope = (...scopes: readonly string[]): Item[] => itemsOf(nodes.filter((node) => scopes.includes(node.scope)));
  const [shared, perStep, perLane] = [inScope('constant', 'uniform'), inScope('step'), inScope('lane')];
  const stored = storedNodes([...shared, ...perStep, ...perLane]);
  const updates: Update[] = [];
  const written = new Map<number, number>();
  for (const [state, next] of nexts) {
    if (program.states[state].width === 1) updates.push({ state, next, kind: 'scalar' });
    else if (isLastUse(program.states[state].name, next, perLane)) {
      written.set(next.id, state);
      updates.push({ state, next, kind: 'written' });
    } else {
      stored.add(next);
      updates.push({ state, next, kind: 'swap' });
    }
  }
  const constants = nodes.filter((node) => node.op === 'constant' && node.width > 1);
  const arrays = [...stored].filter((node) => !written.has(node.id)).sort((a, b) => a.id - b.id);
  const places = new Map<number, Place>();
  const halos = halosOf(nodes);
  const put = (node: Node, kind: Place['kind'], index: number, halo: Halo = NO_HALO): unknown =>
    places.set(node.id, { kind, index, width: node.width, perLane: node.scope === 'lane', halo });
  const haloOf = (state: number): Halo => halos.get(program.states[state].name) ?? NO_HALO;
  for (const node of nodes) {
    if (node.op === 'state') put(node, 'state', indexOf(node), haloOf(indexOf(node)));
    else if (node.op === 'uniform' || node.op === 'normal') put(node, node.op, indexOf(node));
  }
  for (const [index, node] of constants.entries()) put(node, 'constant', index);
  const swapped = new Map(updates.flatMap(({ kind, state, next }) => (kind === 'swap' ? [[next.id, haloOf(state)] as const] : [])));
  for (const [index, node] of arrays.entries()) put(node, 'array', index, swapped.get(node.id));
  for (const node of nodes) {
    const state = written.get(node.id);
    if (state !== undefined) put(node, 'state', state, haloOf(state));
  }
  return { program, shared, perStep, perLane, constants, arrays, updates, indexOf, haloOf, place: (node) => places.get(node.id) };
}

/** A ring's elements this far away are copied; the copies must cost less than they save. */
const FARTHEST = 4;

/** How far around each element a state's gathers reach, where they take it as a ring. */
function halosOf(nodes: readonly Node[]): ReadonlyMap<string, Halo> {
  const halos = new Map<string, Halo>();
  for (const { op, inputs, numbers } of nodes) {
    if (op !== 'gather' || inputs[0].op !== 'state') continue;
    const shift = ringShift(numbers, inputs[0].width);
    if (shift === null || Math.abs(shift) > FARTHEST || inputs[0].width < 4 * FARTHEST) continue;
    const { before, after } = halos.get(inputs[0].name) ?? NO_HALO;
    halos.set(inputs[0].name, { before: Math.max(before, -shift), after: Math.max(after, shift) });
  }
  return halos;
}

/** The c of indices (j + c) mod width, nearest to 0; null for other indices. */
export function ringShift(indices: readonly number[], width: number): number | null {
  const shift = indices[0] > width / 2 ? indices[0] - width : indices[0];
  return indices.length === width && indices.every((index, j) => index === (j + shift + width) % width) ? shift : null;
}

/** Makes every next value of a vector state a computed node of its own, by a copy where it is not. */
function withVectorResults(program: Program): { readonly nodes: readonly Node[]; readonly nexts: ReadonlyMap<number, Node> } {
  const nodes = [...program.nodes];
  let id = Math.max(0, ...nodes.map((node) => node.id)) + 1;
  const nexts = new Map<number, Node>();
  const taken = new Set<Node>();
  for (const [state, { width, next }] of program.states.entries()) {
    if (next === null) continue;
    if (width === 1 || (next.width === width && next.scope === 'lane' && !LEAVES.has(next.op) && !taken.has(next))) {
      nexts.set(state, next);
      taken.add(next);
      continue;
    }
    const numbers = Array.from({ length: width }, (_, k) => (next.width === 1 ? 0 : k));
    const copy: Node = { id: id++, op: 'gather', inputs: [next], width, mask: false, scope: 'lane', numbers, name: '' };
    nodes.push(copy);
    nexts.set(state, copy);
  }
  return { nodes, nexts };
}

/** The width of the loop that a node is computed in. */
const loopWidth = (node: Node): number => (node.op === 'sum' ? node.inputs[0].width : node.width);

/** Whether a node reads its k-th input at the element that it computes itself; else it needs all of it. */
const readsSameElement = (node: Node, k: number): boolean => node.op !== 'gather' && !(node.op === 'lookup' && k === 0);

/** Puts each node into the first item that it fits in: after all that it needs, in a loop of its width. */
function itemsOf(nodes: readonly Node[]): Item[] {
  const items: Item[] = [];
  const home = new Map<Node, number>();
  for (const node of nodes) {
    if (LEAVES.has(node.op)) continue;
    const kind = node.op === 'concatenate' ? 'concatenate' : 'loop';
    const width = loopWidth(node);
    let first = 0;
    for (const [k, input] of node.inputs.entries()) {
      const at = home.get(input);
      if (at === undefined) continue;
      const together = kind === 'loop' && items[at].kind === 'loop' && input.op !== 'sum' && input.width === width && readsSameElement(node, k);
      // A straight line has no loop to wait for, but a sum's loop has.
      const straight = width === 1 && items[at].width === 1;
      first = Math.max(first, together || straight ? at : at + 1);
    }
    const groups = node.op === 'sum' ? node.numbers[0] : 0;
    let at = kind === 'concatenate' ? -1 : items.findIndex((item, k) => k >= first && fits(item, width, groups));
    if (at < 0) {
      items.push({ kind, width, groups: 0, nodes: [] });
      at = items.length - 1;
    }
    items[at].nodes.push(node);
    if (groups > 0) items[at].groups = groups;
    home.set(node, at);
  }
  for (const item of items) item.groups = Math.max(1, item.groups);
  return items;
}

const fits = (item: Item, width: number, groups: number): boolean =>
  item.kind === 'loop' && item.width === width && (groups === 0 || item.groups === 0 || item.groups === groups);

/** Vectors that something outside their own loop reads. */
function storedNodes(items: readonly Item[]): Set<Node> {
  const home = new Map(items.flatMap((item) => item.nodes.map((node) => [node, item] as const)));
  const stored = new Set<Node>();
  for (const [node, item] of home) {
    if (node.width > 1 && (node.op === 'sum' || node.op === 'concatenate')) stored.add(node);
    for (const input of node.inputs) {
      if (input.width > 1 && home.has(input) && home.get(input) !== item) stored.add(input);
    }
  }
  return stored;
}

/** Whether the loop that makes the next value may write it over the state: nothing reads the state later, or at another element. */
function isLastUse(state: string, next: Node, items: readonly Item[]): boolean {
  const at = items.findIndex((item) => item.nodes.includes(next));
  if (items[at].kind === 'concatenate' || next.op === 'sum') return false;
  const reads = (node: Node): boolean => node.inputs.some((input, k) => input.op === 'state' && input.name === state && !readsSameElement(node, k));
  const uses = (node: Node): boolean => node.inputs.some((input) => input.op === 'state' && input.name === state);
  // In the loop itself, stores over a state come after all reads of its element.
  if (items[at].nodes.some(reads)) return false;
  return !items.slice(at + 1).some((item) => item.nodes.some(uses));
}
