/** The one door from a training program to something that runs. */
import { Unavailable } from '../targets/unavailable.ts';
import { nativeTraining } from './targets/native/native.ts';
import { referenceTraining } from './targets/reference.ts';
import { tensorflowTraining } from './targets/tensorflow.ts';
import { wasmTraining } from './targets/wasm/wasm.ts';
import { LANE_MULTIPLE, type MakeTrainingRun, type Precision, type TrainingKernel, type TrainingTarget } from './trainingKernel.ts';
import type { TrainingProgram } from './trainingProgram.ts';

/** The targets by name. A new one is its file and one line. */
export const TRAINING_TARGETS: Readonly<Partial<Record<TrainingTarget, MakeTrainingRun>>> = {
  native: nativeTraining,
  wasm: wasmTraining,
  reference: referenceTraining,
  tensorflow: tensorflowTraining,
};

/** What is taken where a target cannot be had. */
const NEXT: Readonly<Record<TrainingTarget, TrainingTarget>> = { native: 'wasm', wasm: 'reference', tensorflow: 'wasm', reference: 'reference' };

/** How a training kernel is made. */
export interface TrainingOptions {
  /** Samples at once: a multiple of 16. Default 16, for programs without lanes too. */
  readonly lanes?: number;
  /** Default float32. */
  readonly precision?: Precision;
  /** Default native; what cannot be had here gives way to the next of native (or tensorflow), wasm, reference. */
  readonly target?: TrainingTarget;
}

/**
 * Makes a kernel of a training program.
 *
 * Targets agree to rounding, not to the bit: fused multiply-adds and other orders of sums are allowed.
 *
 * @throws Unavailable for a program with custom functions on another target than tensorflow, or where that cannot be had.
 * @throws RangeError for a number of lanes that is no multiple of 16, or one that the groups of a sum do not divide.
 */
export function compileTraining(
  program: TrainingProgram,
  { lanes = LANE_MULTIPLE, precision = 'float32', target = 'native' }: TrainingOptions = {},
): TrainingKernel {
  if (!Number.isInteger(lanes) || lanes < LANE_MULTIPLE || lanes % LANE_MULTIPLE !== 0) {
    throw new RangeError(`lanes must be a positive multiple of ${LANE_MULTIPLE}, got ${lanes}`);
  }
  const uneven = program.tensors.find(({ op, numbers }) => (op === 'sumLanes' || op === 'spreadLanes') && lanes % numbers[0] !== 0);
  if (uneven !== undefined) throw new RangeError(`lanes must be a multiple of ${uneven.numbers[0]}, the groups of a sum, got ${lanes}`);
  const custom = program.tensors.find(({ op }) => op === 'custom');
  if (custom !== undefined && target !== 'tensorflow') {
    throw new Unavailable(`${custom.name} is made of TensorFlow's operations and must run on the target tensorflow, got ${target}`);
  }
  let fallback: string | null = null;
  for (let current = target; ; current = NEXT[current]) {
    const make = TRAINING_TARGETS[current];
    if (make === undefined) continue;
    try {
      return { program, lanes, precision, target: current, fallback, ...make(program, lanes, precision) };
    } catch (error) {
      if (!(error instanceof Unavailable) || custom !== undefined) throw error;
      fallback ??= error.message;
    }
  }
}
