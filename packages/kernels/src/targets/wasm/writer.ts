/** How WebAssembly says what a plan needs: values in locals, vectors in memory, each lane value once for every copy of a block. */
import type { Node } from '../../graph.ts';
import { type Emitter, fixed, type Index } from '../emit.ts';
import type { Place, Plan } from '../plan.ts';
import { bothLanes, type Instruction, type ValueType, type WasmFunction } from './encode.ts';
import { increase, normalStride } from './fill.ts';
import { scalarOperation, vectorOperation } from './operations.ts';

/** Where a program's vectors and shared values stand in memory, in bytes. */
export interface Context {
  readonly plan: Plan;
  readonly copies: number;
  readonly uniforms: readonly number[];
  readonly constants: readonly number[];
  readonly states: readonly { readonly at: number; readonly scalar: boolean }[];
  readonly arrays: readonly number[];
  readonly normals: readonly number[];
  /** Where the pointers of vectors that change places stand, by kind and index; they point to the beginning of the halo. */
  readonly swapped: ReadonlyMap<string, number>;
  /** Where shared values of width 1 stand. */
  readonly slots: Map<Node, number>;
  readonly memory: (bytes: number) => number;
  readonly image: [number, Uint8Array][];
  /** Where tables of distances stand, by their content. */
  readonly tables: Map<string, number>;
}

/** A value shared by the lanes: what pushes it. */
export interface Scalar {
  readonly push: readonly Instruction[];
  readonly mask: boolean;
  /** Its value, if it is a constant. */
  readonly constant?: number;
}

/** A value of each lane: the local of each copy. */
interface Vector {
  readonly locals: readonly number[];
}

type Value = Scalar | Vector;

/** A function in the making. */
export interface FunctionWriter {
  readonly body: Instruction[];
  /** What is done before the loop over steps. */
  readonly prologue: Instruction[];
  readonly emitter: Emitter<Value>;
  intoLanes(): void;
  /** Pushes a copy of a value, in both lanes. */
  push(value: Value, copy: number): readonly Instruction[];
  stateLocals(state: number): readonly number[];
  pointer(key: string): number;
  normalsAt(stream: number): number;
  finish(name: string, parameters: readonly ValueType[]): WasmFunction;
}

/** Loads two float32 numbers as float64. */
const wide = (offset: number): readonly Instruction[] => [['v128.load64_zero', offset], ['f64x2.promote_low_f32x4']];

/** Begins a function; what it does goes through its emitter. */
export function functionWriter(context: Context, parameters: readonly ValueType[]): FunctionWriter {
  const { plan, copies, memory, image } = context;
  const stride = 16 * copies;
  const locals: ValueType[] = [];
  const prologue: Instruction[] = [];
  const body: Instruction[] = [];
  const local = (type: ValueType): number => parameters.length + locals.push(type) - 1;
  const kept = new Map<Node, Value>();
  const spreads = new Map<string, Vector>();
  const sums = new Map<Node, Value>();
  const ofKey = <T>(map: Map<string, T>, key: string, make: () => T): T => {
    const value = map.get(key) ?? make();
    map.set(key, value);
    return value;
  };
  const stateMap = new Map<string, number[]>();
  const pointerMap = new Map<string, number>();
  const stateLocals = (k: number): number[] => ofKey(stateMap, `${k}`, () => Array.from({ length: copies }, () => local('v128')));
  const pointer = (key: string): number => ofKey(pointerMap, key, () => local('i32'));
  const normalsAt = (k: number): number => pointer(`normal${k}`);
  let inLanes = false;
  // Of the innermost loop: the element's place in vectors of lanes, in normals and in shared ones, and the same of the group.
  let loop: { lanes: number; normals: number; shared: number; groupLanes: number; groupShared: number } | null = null;

  /** Both lanes of a shared value, made once: before the steps if it is known there, else where it is first used, which every later use follows. */
  function spread(key: string, value: Scalar, early: boolean): Vector {
    return ofKey(spreads, key, () => {
      const own = local('v128');
      (early ? prologue : body).push(...splat(value), ['local.set', own]);
      return { locals: new Array<number>(copies).fill(own) };
    });
  }

  function splat({ push, mask, constant }: Scalar): readonly Instruction[] {
    if (constant !== undefined) return [['v128.const', bothLanes(constant)]];
    return mask ? [['i32.const', 0], ...push, ['i32.sub'], ['i64.extend_i32_s'], ['i64x2.splat']] : [...push, ['f64x2.splat']];
  }

  const push = (value: Value, copy: number): readonly Instruction[] =>
    'locals' in value ? [['local.get', value.locals[copy]]] : inLanes ? splat(value) : value.push;

  function scalar(node: Node): Value {
    const known = kept.get(node);
    if (known !== undefined) return 'push' in known && inLanes ? spread(`${node.id}`, known, false) : known;
    switch (node.op) {
      case 'constant':
        return { push: [['f64.const', node.numbers[0]]], mask: false, constant: node.numbers[0] };
      case 'step':
        return inLanes ? spread('step', { push: [['local.get', 1]], mask: false }, false) : { push: [['local.get', 1]], mask: false };
      case 'state':
        return { locals: stateLocals(plan.indexOf(node)) };
      case 'normal': {
        const at = normalsAt(plan.indexOf(node));
        const own = Array.from({ length: copies }, () => local('v128'));
        for (const [u, target] of own.entries())
          body.push(['local.get', at], ...wide(context.normals[plan.indexOf(node)] + 8 * u), ['local.set', target]);
        kept.set(node, { locals: own });
        return { locals: own };
      }
      default: {
        const at = node.op === 'uniform' ? context.uniforms[plan.indexOf(node)] : context.slots.get(node);
        if (at === undefined) throw new Error(`node ${node.id} (${node.op}) is not kept`);
        const value: Scalar = {
          push: [
            ['i32.const', 0],
            [node.mask ? 'i32.load' : 'f64.load', at],
          ],
          mask: node.mask,
        };
        return inLanes ? spread(`${node.id}`, value, true) : value;
      }
    }
  }

  function baseOf({ kind, index, halo }: Place): { readonly base: number; readonly pointer: number | null } {
    switch (kind) {
      case 'constant':
        return { base: context.constants[index], pointer: null };
      case 'uniform':
        return { base: context.uniforms[index], pointer: null };
      case 'normal':
        return { base: context.normals[index], pointer: normalsAt(index) };
      case 'state':
        return context.swapped.has(`state${index}`)
          ? { base: stride * halo.before, pointer: pointer(`state${index}`) }
          : { base: context.states[index].at, pointer: null };
      case 'array':
        return context.swapped.has(`array${index}`)
          ? { base: stride * halo.before, pointer: pointer(`array${index}`) }
          : { base: context.arrays[index], pointer: null };
    }
  }

  /** Pushes the address of an element; the offset is for the instruction that uses it. */
  function address(place: Place, index: Index): { readonly push: readonly Instruction[]; readonly offset: number } {
    const { base, pointer: from } = baseOf(place);
    const size = place.kind === 'normal' ? normalStride(copies) : place.perLane ? stride : 8;
    const parts: Instruction[][] = from === null ? [] : [[['local.get', from]]];
    let offset = base;
    if (index.kind === 'group') parts.push([['local.get', place.perLane ? (loop?.groupLanes as number) : (loop?.groupShared as number)]]);
    else if (index.kind === 'table') {
      // A table holds distances in bytes, 8 bytes each.
      const table = ofKey(context.tables, `${size}*${index.values.join()}`, () => {
        const at = memory(8 * index.values.length);
        image.push([at, new Uint8Array(Int32Array.from(index.values.flatMap((value) => [value * size, 0])).buffer)]);
        return at;
      });
      parts.push([
        ['local.get', loop?.shared as number],
        ['i32.load', table],
      ]);
    } else {
      if (index.scale === 1) parts.push([['local.get', loop?.[place.kind === 'normal' ? 'normals' : place.perLane ? 'lanes' : 'shared'] as number]]);
      else if (index.scale !== 0) parts.push([['local.get', loop?.shared as number], ['i32.const', (index.scale * size) / 8], ['i32.mul']]);
      // Offsets of instructions are never negative, nor is what they are added to.
      if (index.scale < 0) parts.push([['i32.const', index.offset * size]]);
      else offset += index.offset * size;
    }
    const push = parts.flatMap((part, k): Instruction[] => (k === 0 ? part : [...part, ['i32.add']]));
    if (push.length === 0) return { push: [['i32.const', 0]], offset };
    if (push.length === 1) return { push, offset };
    const own = local('i32');
    body.push(...push, ['local.set', own]);
    return { push: [['local.get', own]], offset };
  }

  function define(node: Node, value: (copy: number) => readonly Instruction[], lane: boolean): Value {
    if (!lane) {
      const own = local(node.mask ? 'i32' : 'f64');
      body.push(...value(0), ['local.set', own]);
      return { push: [['local.get', own]], mask: node.mask };
    }
    const own = Array.from({ length: copies }, () => local('v128'));
    for (const [u, target] of own.entries()) body.push(...value(u), ['local.set', target]);
    return { locals: own };
  }

  function clampedLoad(place: Place, last: number, value: readonly Instruction[]): readonly Instruction[] {
    const { base } = baseOf(place);
    const x = local('f64');
    return [
      ...value,
      ['local.tee', x],
      ['f64.const', last],
      ['local.get', x],
      ['f64.const', last],
      ['f64.le'],
      ['select'],
      ['f64.const', 0],
      ['local.get', x],
      ['f64.const', 0],
      ['f64.ge'],
      ['select'],
      ['i32.trunc_sat_f64_s'],
      ['i32.const', 3],
      ['i32.shl'],
      ['f64.load', base],
    ];
  }

  const emitter: Emitter<Value> = {
    scalar,
    keep: (node, value) => {
      // A leaf's local changes at the end of the step, a value's does not.
      kept.set(node, value);
    },
    load: (node, place, index) => {
      const { push: at, offset } = address(place, index);
      if (place.kind === 'normal') return define(node, (u) => [...at, ...wide(offset + 8 * u)], true);
      if (place.perLane) return define(node, (u) => [...at, ['v128.load', offset + 16 * u]], true);
      if (!inLanes || node.mask) {
        const value = define(node, () => [...at, [node.mask ? 'i32.load' : 'f64.load', offset]], false) as Scalar;
        if (!inLanes) return value;
        const own = local('v128');
        body.push(...splat(value), ['local.set', own]);
        return { locals: new Array<number>(copies).fill(own) };
      }
      const own = local('v128');
      body.push(...at, ['v128.load64_splat', offset], ['local.set', own]);
      return { locals: new Array<number>(copies).fill(own) };
    },
    store: (node, place, index, value) => {
      const { push: at, offset } = address(place, index);
      if (place.perLane) {
        for (let u = 0; u < copies; u++) body.push(...at, ...push(value, u), ['v128.store', offset + 16 * u]);
      } else body.push(...at, ...push(value, 0), [node.mask ? 'i32.store' : 'f64.store', offset]);
    },
    apply: (node, inputs) => {
      const order = node.op === 'select' ? [inputs[1], inputs[2], inputs[0]] : inputs;
      const lane = inLanes;
      const operation: readonly Instruction[] =
        node.op === 'select' ? [[lane ? 'v128.bitselect' : 'select']] : lane ? vectorOperation(node) : scalarOperation(node);
      return define(node, (u) => [...order.flatMap((input) => push(input, u)), ...operation], lane);
    },
    copy: (place, from, to) => {
      const [source, target] = [address(place, fixed(from)), address(place, fixed(to))];
      for (let u = 0; u < copies; u++)
        body.push(...target.push, ...source.push, ['v128.load', source.offset + 16 * u], ['v128.store', target.offset + 16 * u]);
    },
    lookup: (node, table, index) => {
      const place = plan.place(table);
      if (table.width === 1 || place === undefined) return scalar(table);
      const last = table.width - 1;
      if (!inLanes) return define(node, () => clampedLoad(place, last, push(index, 0)), false);
      const of = (u: number, lane: number): readonly Instruction[] => clampedLoad(place, last, [...push(index, u), ['f64x2.extract_lane', lane]]);
      return define(node, (u) => [...of(u, 0), ['f64x2.splat'], ...of(u, 1), ['f64x2.replace_lane', 1]], true);
    },
    loop: (width, groups, list, inner, finish) => {
      const size = width / groups;
      const outer = loop;
      const [lanes, normals, shared, groupLanes, groupShared, end] = Array.from({ length: 6 }, () => local('i32'));
      const start = (): void => {
        for (const sum of list) {
          const value = (sums.get(sum) ?? define(sum, () => [inLanes ? ['v128.const', bothLanes(-0)] : ['f64.const', -0]], inLanes)) as Value;
          sums.set(sum, value);
        }
      };
      for (const index of [lanes, normals, shared]) body.push(['i32.const', 0], ['local.set', index]);
      body.push(['i32.const', 8 * size], ['local.set', end]);
      if (groups > 1) body.push(['i32.const', 0], ['local.set', groupLanes], ['i32.const', 0], ['local.set', groupShared], ['loop']);
      loop = { lanes, normals, shared, groupLanes, groupShared };
      start();
      body.push(['loop']);
      inner();
      body.push(...increase(lanes, stride), ...increase(normals, normalStride(copies)), ...increase(shared, 8));
      body.push(['local.get', shared], ['local.get', end], ['i32.lt_s'], ['br_if', 0], ['end']);
      finish();
      if (groups > 1) {
        body.push(...increase(groupLanes, stride), ...increase(groupShared, 8), ...increase(end, 8 * size));
        body.push(['local.get', end], ['i32.const', 8 * width + 1], ['i32.lt_s'], ['br_if', 0], ['end']);
      }
      loop = outer;
    },
    add: (sum, value) => {
      const total = sums.get(sum) as Value;
      if ('locals' in total) {
        for (const [u, own] of total.locals.entries()) body.push(['local.get', own], ...push(value, u), ['f64x2.add'], ['local.set', own]);
      } else {
        const own = total.push[0][1] as number;
        body.push(...total.push, ...push(value, 0), ['f64.add'], ['local.set', own]);
      }
    },
    total: (sum) => sums.get(sum) as Value,
  };

  return {
    body,
    prologue,
    emitter,
    intoLanes: () => {
      inLanes = true;
    },
    push,
    stateLocals,
    pointer,
    normalsAt,
    finish: (name, types) => ({ name, parameters: types, results: [], locals, body: [...prologue, ...body] }),
  };
}
