/**
 * Walks a plan and tells an emitter, node by node, what to write: the part of code generation that is the same for every target.
 *
 * An emitter knows how its language says "load", "add" or "loop"; it keeps values of its own type V (a name, an expression, a local's number).
 */
import type { Node } from '../graph.ts';
import { type Item, type Place, type Plan, ringShift, type Update } from './plan.ts';

/** Which element of a vector: `scale`·j + `offset` in a loop over j (scale 0 for a fixed one), from a table at j, or of the running group. */
export type Index =
  | { readonly kind: 'affine'; readonly scale: number; readonly offset: number }
  | { readonly kind: 'table'; readonly values: readonly number[] }
  | { readonly kind: 'group' };

/** How a target writes the pieces. */
export interface Emitter<V> {
  /** A value of width 1: a leaf, or one that was kept. */
  scalar(node: Node): V;
  /** Keeps the value of a node of width 1. */
  keep(node: Node, value: V): void;
  /** An element of a vector, under the node's name. */
  load(node: Node, place: Place, index: Index): V;
  store(node: Node, place: Place, index: Index, value: V): void;
  /** Copies an element of a vector to another place in it; places of its halo lie before 0 and from its width on. */
  copy(place: Place, from: number, to: number): void;
  /** The result of an elementwise operation. */
  apply(node: Node, inputs: readonly V[]): V;
  /** The table's element at a value, clamped. */
  lookup(node: Node, table: Node, index: V): V;
  /** A loop over j from 0 to width; sums begin at -0 (which adds nothing to any number) in every group, `finish` follows each group. */
  loop(width: number, groups: number, sums: readonly Node[], body: () => void, finish: () => void): void;
  /** Adds to a running sum. */
  add(sum: Node, value: V): void;
  /** The running sum. */
  total(sum: Node): V;
}

/** One element, the same in every turn of a loop. */
export const fixed = (offset: number): Index => ({ kind: 'affine', scale: 0, offset });

const ELEMENT: Index = { kind: 'affine', scale: 1, offset: 0 };

/** Writes the items of one scope. */
export function emitItems<V>(plan: Plan, items: readonly Item[], emitter: Emitter<V>): void {
  for (const item of items) {
    if (item.kind === 'concatenate') emitConcatenate(plan, item.nodes[0], emitter);
    else if (item.width === 1) for (const node of item.nodes) emitter.keep(node, resultOf(plan, node, emitter, emitter.scalar));
    else emitLoop(plan, item, emitter);
  }
}

/** Lists a plan's scalar updates and swaps: what is left to do at the end of a step. */
export function endOfStep(plan: Plan): { readonly scalars: readonly Update[]; readonly swaps: readonly Update[] } {
  return { scalars: plan.updates.filter(({ kind }) => kind === 'scalar'), swaps: plan.updates.filter(({ kind }) => kind === 'swap') };
}

/** Brings the halos of all states up to date: what must come before a step's items. */
export function emitHalos<V>(plan: Plan, emitter: Emitter<V>): void {
  for (const node of plan.program.nodes) {
    if (node.op !== 'state' || node.width === 1) continue;
    const place = placeOf(plan, node);
    const { width, halo } = place;
    for (let k = 0; k < halo.after; k++) emitter.copy(place, k, width + k);
    for (let k = 1; k <= halo.before; k++) emitter.copy(place, width - k, -k);
  }
}

function emitLoop<V>(plan: Plan, { width, groups, nodes }: Item, emitter: Emitter<V>): void {
  const sums = nodes.filter((node) => node.op === 'sum');
  const body = (): void => {
    const values = new Map<Node, V>();
    const read = (input: Node): V => {
      if (input.width === 1) return emitter.scalar(input);
      const value = values.get(input) ?? emitter.load(input, placeOf(plan, input), ELEMENT);
      values.set(input, value);
      return value;
    };
    const late: (() => void)[] = [];
    for (const node of nodes) {
      if (node.op === 'sum') {
        emitter.add(node, read(node.inputs[0]));
        continue;
      }
      const value = resultOf(plan, node, emitter, read, groups);
      values.set(node, value);
      const place = plan.place(node);
      if (place === undefined) continue;
      const store = (): void => emitter.store(node, place, ELEMENT, value);
      if (place.kind === 'state') late.push(store);
      else store();
    }
    for (const store of late) store();
  };
  const finish = (): void => {
    for (const sum of sums) {
      if (sum.width === 1) emitter.keep(sum, emitter.total(sum));
      else emitter.store(sum, placeOf(plan, sum), { kind: 'group' }, emitter.total(sum));
    }
  };
  emitter.loop(width, groups, sums, body, finish);
}

function resultOf<V>(plan: Plan, node: Node, emitter: Emitter<V>, read: (input: Node) => V, groups = 1): V {
  const [first, second] = node.inputs;
  if (node.op === 'gather') {
    return first.width === 1 ? emitter.scalar(first) : emitter.load(node, placeOf(plan, first), indexOf(node.numbers, placeOf(plan, first), groups));
  }
  if (node.op === 'lookup') return emitter.lookup(node, first, read(second));
  return emitter.apply(node, node.inputs.map(read));
}

function emitConcatenate<V>(plan: Plan, node: Node, emitter: Emitter<V>): void {
  let offset = 0;
  for (const part of node.inputs) {
    const index = { kind: 'affine', scale: part.width === 1 ? 0 : 1, offset } as const;
    if (part.width === 1) emitter.store(node, placeOf(plan, node), index, emitter.scalar(part));
    else {
      const body = (): void => emitter.store(node, placeOf(plan, node), index, emitter.load(part, placeOf(plan, part), ELEMENT));
      emitter.loop(part.width, 1, [], body, () => {});
    }
    offset += part.width;
  }
}

/** Equal steps from the first on need no table, nor does what a halo holds, nor what is the same in each group of a loop. */
function indexOf(values: readonly number[], { width, halo }: Place, groups: number): Index {
  const scale = values.length === 1 ? 0 : values[1] - values[0];
  if (values.every((value, k) => value === values[0] + scale * k)) return { kind: 'affine', scale, offset: values[0] };
  const shift = ringShift(values, width);
  if (shift !== null && shift >= -halo.before && shift <= halo.after) return { kind: 'affine', scale: 1, offset: shift };
  if (groups > 1 && values.every((value, k) => value === Math.floor((k * groups) / values.length))) return { kind: 'group' };
  return { kind: 'table', values };
}

function placeOf(plan: Plan, node: Node): Place {
  const place = plan.place(node);
  if (place === undefined) throw new Error(`node ${node.id} (${node.op}) has no place`);
  return place;
}
