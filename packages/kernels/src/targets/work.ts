/**
 * How much work calls are, to decide which target is worth its compilation. It is counted, not timed, so a run takes the same decisions every time
 * (and any decision gives the same bits).
 */
import type { Call } from '../kernel.ts';
import type { Program } from '../program.ts';

/** Operations on one lane in one step; a normal counts as the operations it is made of, some of which are shared by two. */
export function operationsPerStep(program: Program): number {
  const nodes = program.nodes.filter(({ scope }) => scope === 'lane');
  const elements = nodes.reduce((total, node) => total + (node.op === 'sum' ? node.inputs[0].width : node.width), 0);
  return elements + OPERATIONS_PER_NORMAL * program.streams.reduce((total, { width }) => total + width, 0);
}

const OPERATIONS_PER_NORMAL = 20;

/** Operations of a call. */
export const operationsOf = (perStep: number, call: Call): number => perStep * call.lanes * call.steps;

/**
 * Operations from which WebAssembly pays: it takes some milliseconds to make and saves about 1 ns per operation against JavaScript.
 */
export const WASM_PAYS = 5e6;

/** Operations from which a look for compiled C on disk pays: some milliseconds, for about 0.05 ns per operation. */
export const LOOK_PAYS = 1e8;

/** Operations from which compiling C pays: 0.3 s and 1 ms for each node, for about 0.05 ns per operation saved against WebAssembly. */
export const nativePays = (program: Program): number => 6e9 + 2e7 * program.nodes.length;
