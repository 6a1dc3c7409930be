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

/** How a program is run: `reference` as JavaScript, `wasm` as WebAssembly with SIMD instructions, `native` as compiled C. */
export type TargetName = 'reference' | 'wasm' | 'native';

/** A program ready to run. */
export interface Kernel {
  readonly program: Program;
  /** The target that the next call of the same size would take, as far as is known before it. */
  readonly target: TargetName;
  /** Why a better target is not used, if one was tried and failed; null as well where `auto` finds that this machine has no compiler. */
  readonly fallback: string | null;
  /** Advances all lanes by `steps` steps. */
  run(call: Call): void;
}
