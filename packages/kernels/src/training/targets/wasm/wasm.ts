/** The wasm target of training programs: WebAssembly with SIMD instructions, made here, in a memory of its own. */
import { encodeModule, type Instruction, type WasmFunction } from '../../../targets/wasm/encode.ts';
import { createMemory, instantiate } from '../../../targets/wasm/wasm.ts';
import type { Numbers, Precision, TrainingRun } from '../../trainingKernel.ts';
import type { TrainingProgram } from '../../trainingProgram.ts';
import { type Kernel, type KernelCall, LOOP_HEAD, MATRIX_ARGUMENTS, SLOT_SIZE } from '../kernels.ts';
import { type Part, planTraining } from '../plan.ts';
import { REGISTERS } from './code.ts';
import { wasmLoop } from './loop.ts';
import { blocksOf, wasmMatrix } from './matrix.ts';

/**
 * Makes a program runnable.
 *
 * @throws Unavailable where the engine has no SIMD, refuses the module, or has no such memory.
 */
export function wasmTraining(program: TrainingProgram, lanes: number, precision: Precision): TrainingRun {
  const plan = planTraining(program, lanes, precision);
  const registers = REGISTERS[precision];
  const lists: number[] = [];
  const starts = plan.calls.map((call) => {
    const start = plan.size * registers.bytes + 4 * lists.length;
    for (const value of inBytes(plan.kernels[call.kernel], call, registers.bytes)) lists.push(value);
    return start;
  });
  const blocks = blocksOf(registers);
  const kernels = plan.kernels.map(
    (kernel, k): WasmFunction => (kernel.kind === 'loop' ? wasmLoop(kernel, `k${k}`, registers) : wasmMatrix(kernel.kind, `k${k}`, registers, 0)),
  );
  const body = plan.calls.flatMap(({ kernel }, k): Instruction[] => [
    ['i32.const', starts[k]],
    ['call', blocks.length + kernel],
  ]);
  const run: WasmFunction = { name: 'run', parameters: [], results: [], locals: [], body };
  const memory = createMemory(plan.size * registers.bytes + 4 * lists.length + 64);
  const exports = instantiate<{ run(): void }>(encodeModule([...blocks, ...kernels, run]), memory);
  const part = ({ at, length }: Part): Numbers =>
    precision === 'float32' ? new Float32Array(memory.buffer, at * 4, length) : new Float64Array(memory.buffer, at * 8, length);
  for (const { at, numbers } of plan.constants) part({ at, length: numbers.length }).set(numbers);
  new Int32Array(memory.buffer, plan.size * registers.bytes, lists.length).set(lists);
  const parts = (all: Readonly<Record<string, Part>>): Record<string, Numbers> =>
    Object.fromEntries(Object.entries(all).map(([name, each]) => [name, part(each)]));
  return { inputs: parts(plan.inputs), outputs: parts(plan.outputs), run: exports.run };
}

/** A call's arguments with places and strides in bytes. */
function inBytes(kernel: Kernel, { parameters }: KernelCall, bytes: number): number[] {
  if (kernel.kind !== 'loop') {
    const names: readonly string[] = MATRIX_ARGUMENTS[kernel.kind];
    const factor = (name: string): number => (['rows', 'inner', 'columns', 'results'].includes(name) ? 1 : name === 'table' ? 4 : bytes);
    // What follows the arguments are the table's rows.
    return parameters.map((value, k) => value * (k < names.length ? factor(names[k]) : 1));
  }
  const head = LOOP_HEAD + SLOT_SIZE * (kernel.inputs.length + kernel.stores.length + kernel.sums.length);
  return parameters.map((value, k) => {
    if (k < LOOP_HEAD - 1) return value;
    if (k >= head || k === LOOP_HEAD - 1) return value * bytes;
    const [slot, place] = [Math.floor((k - LOOP_HEAD) / SLOT_SIZE), (k - LOOP_HEAD) % SLOT_SIZE];
    return place === 1 && kernel.inputs[slot]?.row === 'table' ? value * 4 : value * bytes;
  });
}
