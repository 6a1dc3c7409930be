/** The native target of training programs: C compiled by the system's compiler, run by one call on one array. */
import { openSource } from '../../../targets/native/native.ts';
import type { Numbers, Precision, TrainingRun } from '../../trainingKernel.ts';
import type { TrainingProgram } from '../../trainingProgram.ts';
import { type Part, planTraining } from '../plan.ts';
import { printKernels, SIGNATURE } from './source.ts';

/** A register's and a cache line's bytes: where the array begins. */
const ALIGNMENT = 64;

/**
 * Makes a program runnable.
 *
 * @throws Unavailable if there is no compiler, no koffi, or no library comes of them.
 */
export function nativeTraining(program: TrainingProgram, lanes: number, precision: Precision): TrainingRun {
  const plan = planTraining(program, lanes, precision);
  const { calls: koffi, library } = openSource(printKernels(plan.kernels, precision), 'contracted');
  const call = library.func(SIGNATURE);
  const bytes = precision === 'float32' ? 4 : 8;
  const buffer = new ArrayBuffer(plan.size * bytes + ALIGNMENT);
  const start = koffi.address(new Uint8Array(buffer));
  const shift = (ALIGNMENT - Number(start % BigInt(ALIGNMENT))) % ALIGNMENT;
  const part = ({ at, length }: Part): Numbers =>
    precision === 'float32' ? new Float32Array(buffer, shift + at * 4, length) : new Float64Array(buffer, shift + at * 8, length);
  for (const { at, numbers } of plan.constants) part({ at, length: numbers.length }).set(numbers);
  const list = BigInt64Array.from([...plan.calls.flatMap(({ kernel, parameters }) => [kernel, parameters.length, ...parameters]), -1].map(BigInt));
  const [array, calls] = [start + BigInt(shift), koffi.address(list)];
  const parts = (all: Readonly<Record<string, Part>>): Record<string, Numbers> =>
    Object.fromEntries(Object.entries(all).map(([name, each]) => [name, part(each)]));
  const run = (): void => {
    call(array, calls);
  };
  // What the addresses point to must live as long as the function.
  return { inputs: parts(plan.inputs), outputs: parts(plan.outputs), run: Object.assign(run, { keeps: [buffer, list] }) };
}
