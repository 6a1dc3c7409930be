/** What runs a training program. */
import type { TrainingProgram } from './trainingProgram.ts';

/** The names of the targets. */
export type TrainingTarget = 'reference' | 'wasm' | 'native' | 'tensorflow';

/** The precision that a kernel computes and keeps numbers in. */
export type Precision = 'float32' | 'float64';

/** Numbers in a kernel's precision. */
export type Numbers = Float32Array | Float64Array;

/** The number of lanes must be a multiple of this: a register's worth, on every target. */
export const LANE_MULTIPLE = 16;

/** What a target makes of a program. */
export interface TrainingRun {
  /** By name; element (row r, column c) of lane l at (r·columns + c)·lanes + l, of a shared tensor at r·columns + c. Written by the caller, kept from run to run. */
  readonly inputs: Readonly<Record<string, Numbers>>;
  /** Laid out alike; written by `run`. */
  readonly outputs: Readonly<Record<string, Numbers>>;
  /** Computes the outputs of the present inputs. */
  run(): void;
  /** What in particular runs it, such as the back end of TensorFlow. */
  readonly detail?: string;
}

/** A program that can be run. */
export interface TrainingKernel extends TrainingRun {
  readonly program: TrainingProgram;
  readonly lanes: number;
  readonly precision: Precision;
  /** What runs it. */
  readonly target: TrainingTarget;
  /** Why the target that was asked for does not, or null. */
  readonly fallback: string | null;
}

/** A target: makes a runnable program, or throws `Unavailable`. */
export type MakeTrainingRun = (program: TrainingProgram, lanes: number, precision: Precision) => TrainingRun;
