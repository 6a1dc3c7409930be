/** The wasm target: WebAssembly with SIMD instructions, made here without a tool chain, in a memory that all kernels of a thread share. */
import type { Call } from '../../kernel.ts';
import type { Program } from '../../program.ts';
import { Unavailable } from '../unavailable.ts';
import { encodeModule } from './encode.ts';
import { type Layout, wasmModule } from './module.ts';

/** Vectors of two lanes in a block, for many lanes; for one or two, one does. */
export const COPIES = 4;

/** An engine takes 50 000 locals a function, and every value is one in each copy. */
const MOST_NODES = 10_000;

/** The lanes of a block are copied in, run through all steps, and copied out. */
type Run = (call: Call) => void;

/**
 * Makes the function that runs a program.
 *
 * @throws Unavailable from the function, before anything was written, where the engine has no SIMD or refuses the module.
 */
export function wasmTarget(program: Program): Run {
  const loaded = new Map<number, Run>();
  return (call) => {
    const copies = call.lanes <= 2 || program.nodes.length > MOST_NODES ? 1 : COPIES;
    const run = loaded.get(copies) ?? load(program, copies);
    loaded.set(copies, run);
    run(call);
  };
}

/** What is used of the engine's WebAssembly, which Node's types do not declare. */
declare const WebAssembly: {
  readonly Memory: new (size: { readonly initial: number }) => Memory;
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object, imports: { readonly m: { readonly m: Memory } }) => { readonly exports: unknown };
};

/** A memory of the engine. */
export interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** One memory for all: a run leaves nothing in it that is needed later, and each memory takes some gigabytes of address space. */
let memory: Memory | undefined;
let owner: Layout | undefined;

const PAGE = 65_536;

/**
 * Makes a memory of so many bytes, zeros, for one kernel alone.
 *
 * @throws Unavailable if the engine has none.
 */
export function createMemory(bytes: number): Memory {
  try {
    return new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE) });
  } catch (error) {
    throw new Unavailable(`WebAssembly gives no memory of ${bytes} bytes: ${error instanceof Error ? error.message : error}`);
  }
}

function memoryOf(bytes: number): Memory {
  memory ??= new WebAssembly.Memory({ initial: 16 });
  const missing = Math.ceil((bytes - memory.buffer.byteLength) / PAGE);
  if (missing > 0) {
    memory.grow(missing);
    owner = undefined;
  }
  return memory;
}

interface Exports {
  shared(): void;
  block(steps: number, firstStep: number): void;
}

/** Steps of one call of `block`, whose counter has 32 bits. */
const MOST_STEPS = 2 ** 30;

function load(program: Program, copies: number): Run {
  const { functions, layout } = wasmModule(program, copies);
  const exports = instantiate<Exports>(encodeModule(functions), memoryOf(layout.size));
  const [lanesPerBlock, uniformCount] = [2 * copies, program.uniforms.length];
  return (call) => {
    const { buffer } = memoryOf(layout.size);
    const views: Views = { floats: new Float64Array(buffer), singles: new Float32Array(buffer), words: new Int32Array(buffer) };
    if (owner !== layout) {
      const bytes = new Uint8Array(buffer);
      for (const [at, content] of layout.image) bytes.set(content, at);
      owner = layout;
    }
    for (let k = 0; k < uniformCount; k++) views.floats.set(call.uniforms[program.uniforms[k].name], layout.uniforms[k] / 8);
    exports.shared();
    for (let first = 0; first < call.lanes; first += lanesPerBlock) {
      const count = Math.min(lanesPerBlock, call.lanes - first);
      copyIn(program, layout, call, first, count, lanesPerBlock, views);
      for (let done = 0; done < call.steps; done += MOST_STEPS) exports.block(Math.min(MOST_STEPS, call.steps - done), call.firstStep + done);
      copyOut(program, layout, call, first, count, lanesPerBlock, views);
    }
    for (const { name, width } of program.streams) {
      if ((call.steps * width) % 2 === 1) call.streams[name].hasSpare = !call.streams[name].hasSpare;
    }
  };
}

/**
 * Makes a module's functions over a memory.
 *
 * @throws Unavailable if the engine refuses it.
 */
export function instantiate<E>(bytes: Uint8Array<ArrayBuffer>, over: Memory): E {
  try {
    const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { m: { m: over } });
    return instance.exports as E;
  } catch (error) {
    throw new Unavailable(`WebAssembly refuses the kernel: ${error instanceof Error ? error.message : error}`);
  }
}

/** The memory as numbers; spare normals are float32. */
interface Views {
  readonly floats: Float64Array;
  readonly singles: Float32Array;
  readonly words: Int32Array;
}

/** Lanes beyond the last are copies of it: what they compute is thrown away, but must not be slower than numbers are. */
function copyIn(
  program: Program,
  layout: Layout,
  call: Call,
  first: number,
  count: number,
  perBlock: number,
  { floats, singles, words }: Views,
): void {
  const { lanes } = call;
  for (const [at, value] of layout.pointers) words[at / 4] = value;
  for (const [k, { name, width }] of program.states.entries()) {
    const from = call.states[name];
    let to = layout.states[k].at / 8;
    for (let j = 0; j < width; j++) {
      const base = j * lanes + first;
      for (let lane = 0; lane < perBlock; lane++) floats[to++] = from[base + (lane < count ? lane : count - 1)];
    }
  }
  for (const [k, { name }] of program.streams.entries()) {
    const stream = call.streams[name];
    words[layout.has[k] / 4] = stream.hasSpare ? 1 : 0;
    for (let lane = 0; lane < perBlock; lane++) {
      const own = first + (lane < count ? lane : count - 1);
      singles[layout.spares[k] / 4 + lane] = stream.spare[own];
      for (let word = 0; word < 8; word++) words[wordAt(layout.generators[k], word, lane, perBlock)] = stream.words[word * lanes + own];
    }
  }
}

function copyOut(
  program: Program,
  layout: Layout,
  call: Call,
  first: number,
  count: number,
  perBlock: number,
  { floats, singles, words }: Views,
): void {
  const { lanes } = call;
  for (const [k, { name, width, next }] of program.states.entries()) {
    if (next === null) continue;
    const to = call.states[name];
    const at = (layout.pointerOf[k] < 0 ? layout.states[k].at : words[layout.pointerOf[k] / 4] + layout.states[k].halo) / 8;
    for (let j = 0; j < width; j++) {
      for (let lane = 0; lane < count; lane++) to[j * lanes + first + lane] = floats[at + j * perBlock + lane];
    }
  }
  for (const [k, { name }] of program.streams.entries()) {
    const stream = call.streams[name];
    for (let lane = 0; lane < count; lane++) {
      stream.spare[first + lane] = singles[layout.spares[k] / 4 + lane];
      for (let word = 0; word < 8; word++) stream.words[word * lanes + first + lane] = words[wordAt(layout.generators[k], word, lane, perBlock)];
    }
  }
}

/** Words are in memory [4 × lane × (low, high)]. */
const wordAt = (base: number, word: number, lane: number, perBlock: number): number => base / 4 + ((word >> 1) * perBlock + lane) * 2 + (word & 1);
