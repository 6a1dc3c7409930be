/** What every target makes of a program: a kernel, and the arrays that it works on. */
import type { Program } from './program.ts';
import type { Stream } from './streams.ts';

/** The arrays that a run works on. */
export interface Call {
  /** Number of lanes, ≥ 1. */
  readonly lanes: number;
  /** Number of steps, ≥ 0. */
  readonly steps: number;
  /** Index of the first step, counted from the start of the path. */
  readonly firstStep: number;
  /** By name: [width]. */
  readonly uniforms: Readonly<Record<string, Float64Array>>;
  /** By name: [width × lanes], an element's lanes contiguous; written in place. */
  readonly states: Readonly<Record<string, Float64Array>>;
  /** By name; advanced in place. */
  readonly streams: Readonly<Record<string, Stream>>;
}

/** A program ready to run. */
export interface Kernel {
  readonly program: Program;
  /** Advances all lanes by `steps` steps. */
  run(call: Call): void;
}
