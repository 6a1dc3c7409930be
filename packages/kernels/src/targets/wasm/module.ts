/**
 * A lane program as a WebAssembly module: blocks of lanes two to a vector, the time loop and the generator of normals inside.
 *
 * A block is `copies` vectors; what is done to lanes is done to each, so that the processor has independent work while one result is waited for.
 * Vectors stand in memory as [element × copies × 16 bytes]; scalars are locals. The inner function `steps` is called anew for every few dozen
 * steps, as an engine puts better machine code in place at calls only.
 */
import type { Node } from '../../graph.ts';
import type { Program } from '../../program.ts';
import { emitHalos, emitItems, endOfStep } from '../emit.ts';
import { type Halo, type Place, planOf } from '../plan.ts';
import type { Instruction, WasmFunction } from './encode.ts';
import { CONSTANTS_AT, fillFunction, increase, normalStride, overrun } from './fill.ts';
import { type Context, functionWriter, type Scalar } from './writer.ts';

/** Where things stand in memory, in bytes; by index in the program's lists. */
export interface Layout {
  readonly uniforms: readonly number[];
  /** Where the value stands at first, and the bytes of the halo before it. */
  readonly states: readonly { readonly scalar: boolean; readonly at: number; readonly halo: number }[];
  readonly generators: readonly number[];
  readonly spares: readonly number[];
  /** i32: whether spares are held. */
  readonly has: readonly number[];
  /** i32 that must be set at the beginning of each block: [where, value]. */
  readonly pointers: readonly (readonly [number, number])[];
  /** Address of the pointer to each vector state that changes places, which points to its halo's beginning; -1 for others. */
  readonly pointerOf: readonly number[];
  /** Constants: [where, bytes]. */
  readonly image: readonly (readonly [number, Uint8Array])[];
  /** Bytes used. */
  readonly size: number;
}

/** A module before it is encoded. */
export interface Module {
  readonly functions: readonly WasmFunction[];
  readonly layout: Layout;
}

/** Normals that are made at a time, all streams together. */
const NORMALS_PER_FILL = 64;

/** Writes a program's functions: `fill`, `shared()`, `steps(count, firstStep)`, `block(steps, firstStep)`. */
export function wasmModule(program: Program, copies: number): Module {
  const plan = planOf(program);
  const stride = 16 * copies;
  const perStep = program.streams.reduce((total, { width }) => total + width, 0);
  const chunk = perStep === 0 ? 128 : Math.max(1, Math.min(128, Math.floor(NORMALS_PER_FILL / perStep)));
  const memory = allocator();
  const fill = fillFunction(copies);
  const image: [number, Uint8Array][] = [[CONSTANTS_AT, fill.constants]];
  memory(fill.constants.length);
  const uniforms = program.uniforms.map(({ width }) => memory(8 * width));
  const constants = plan.constants.map(({ numbers }) => {
    const at = memory(8 * numbers.length);
    image.push([at, new Uint8Array(Float64Array.from(numbers).buffer)]);
    return at;
  });
  const withHalo = (width: number, { before, after }: Halo): number => memory(stride * (width + before + after)) + stride * before;
  const states = program.states.map(({ width }, k) => ({
    scalar: width === 1,
    at: withHalo(width, plan.haloOf(k)),
    halo: stride * plan.haloOf(k).before,
  }));
  const arrays = plan.arrays.map((node) => (node.scope === 'lane' ? withHalo(node.width, (plan.place(node) as Place).halo) : memory(8 * node.width)));
  const normals = program.streams.map(({ width }) => memory(normalStride(copies) * width * chunk + overrun(copies)));
  const generators = program.streams.map(() => memory(4 * stride));
  const spares = program.streams.map(() => memory(stride / 2));
  const has = program.streams.map(() => memory(4));
  const pointers: [number, number][] = [];
  const pointerOf = program.states.map(() => -1);
  const swapped = new Map<string, number>();
  for (const { state, next } of endOfStep(plan).swaps) {
    const halo = stride * plan.haloOf(state).before;
    const array = plan.place(next)?.index as number;
    for (const [key, value] of [
      [`state${state}`, states[state].at - halo],
      [`array${array}`, arrays[array] - halo],
    ] as const) {
      const at = memory(4);
      pointers.push([at, value]);
      swapped.set(key, at);
    }
    pointerOf[state] = swapped.get(`state${state}`) as number;
  }
  const slots = new Map<Node, number>();
  const context: Context = { plan, copies, uniforms, constants, states, arrays, normals, swapped, slots, memory, image, tables: new Map() };
  const functions = [
    fill.function,
    sharedFunction(context),
    stepsFunction(context),
    blockFunction(program, chunk, { normals, generators, spares, has }),
  ];
  return { functions, layout: { uniforms, states, generators, spares, has, pointers, pointerOf, image, size: memory(0) } };
}

/** Addresses from the second 16 bytes on, in steps of 16. */
function allocator(): (bytes: number) => number {
  let next = CONSTANTS_AT;
  return (bytes) => {
    const at = next;
    next += 16 * Math.ceil(bytes / 16);
    return at;
  };
}

function sharedFunction(context: Context): WasmFunction {
  const writer = functionWriter(context, []);
  emitItems(context.plan, context.plan.shared, writer.emitter);
  // What lanes and steps read of it.
  for (const item of context.plan.shared) {
    for (const node of item.nodes) {
      if (node.width > 1) continue;
      const at = context.memory(8);
      context.slots.set(node, at);
      const store = node.mask ? 'i32.store' : 'f64.store';
      writer.body.push(['i32.const', at], ...(writer.emitter.scalar(node) as Scalar).push, [store, 0]);
    }
  }
  return writer.finish('shared', []);
}

function stepsFunction(context: Context): WasmFunction {
  const { plan, copies } = context;
  const { program } = plan;
  const writer = functionWriter(context, ['i32', 'f64']);
  const { body, emitter, prologue } = writer;
  const [count, step] = [0, 1];
  for (const [k, { scalar, at }] of context.states.entries()) {
    if (!scalar) continue;
    const own = writer.stateLocals(k);
    for (const [u, local] of own.entries()) prologue.push(['i32.const', 0], ['v128.load', at + 16 * u], ['local.set', local]);
  }
  const pointers = [...context.swapped].map(([key, at]) => ({ at, local: writer.pointer(key) }));
  for (const { at, local } of pointers) prologue.push(['i32.const', 0], ['i32.load', at], ['local.set', local]);
  body.push(['loop']);
  emitItems(plan, plan.perStep, emitter);
  writer.intoLanes();
  emitHalos(plan, emitter);
  emitItems(plan, plan.perLane, emitter);
  const { scalars, swaps } = endOfStep(plan);
  for (let u = 0; u < copies; u++) {
    for (const { next } of scalars) body.push(...writer.push(emitter.scalar(next), u));
    for (const { state } of [...scalars].reverse()) body.push(['local.set', writer.stateLocals(state)[u]]);
  }
  for (const { state, next } of swaps) {
    const [a, b] = [writer.pointer(`state${state}`), writer.pointer(`array${plan.place(next)?.index}`)];
    body.push(['local.get', a], ['local.get', b], ['local.set', a], ['local.set', b]);
  }
  for (const [k, { width }] of program.streams.entries()) body.push(...increase(writer.normalsAt(k), normalStride(copies) * width));
  body.push(
    ['local.get', step],
    ['f64.const', 1],
    ['f64.add'],
    ['local.set', step],
    ['local.get', count],
    ['i32.const', 1],
    ['i32.sub'],
    ['local.tee', count],
    ['br_if', 0],
    ['end'],
  );
  for (const { state } of scalars) {
    for (const [u, local] of writer.stateLocals(state).entries())
      body.push(['i32.const', 0], ['local.get', local], ['v128.store', context.states[state].at + 16 * u]);
  }
  for (const { at, local } of pointers) body.push(['i32.const', 0], ['local.get', local], ['i32.store', at]);
  return writer.finish('steps', ['i32', 'f64']);
}

interface Streams {
  readonly normals: readonly number[];
  readonly generators: readonly number[];
  readonly spares: readonly number[];
  readonly has: readonly number[];
}

/** Chunks of steps, each after its normals. */
function blockFunction(program: Program, chunk: number, { normals, generators, spares, has }: Streams): WasmFunction {
  const [left, step, count] = [0, 1, 2];
  const body: Instruction[] = [
    ['block'],
    ['loop'],
    ['local.get', left],
    ['i32.eqz'],
    ['br_if', 1],
    ['i32.const', chunk],
    ['local.get', left],
    ['local.get', left],
    ['i32.const', chunk],
    ['i32.gt_s'],
    ['select'],
    ['local.set', count],
    ...program.streams.flatMap(({ width }, k): Instruction[] => [
      ['i32.const', 0],
      ['i32.const', normals[k]],
      ['local.get', count],
      ['i32.const', width],
      ['i32.mul'],
      ['i32.const', generators[k]],
      ['i32.const', spares[k]],
      ['i32.const', 0],
      ['i32.load', has[k]],
      ['call', 0],
      ['i32.store', has[k]],
    ]),
    ['local.get', count],
    ['local.get', step],
    ['call', 2],
    ['local.get', step],
    ['local.get', count],
    ['f64.convert_i32_s'],
    ['f64.add'],
    ['local.set', step],
    ['local.get', left],
    ['local.get', count],
    ['i32.sub'],
    ['local.set', left],
    ['br', 0],
    ['end'],
    ['end'],
  ];
  return { name: 'block', parameters: ['i32', 'f64'], results: [], locals: ['i32'], body };
}
