/** The one time loop: a block of paths from given states, with save rules; what went wrong comes back as typed outcomes. */
import { compile, type Kernel, openStream, type Program, type Stream } from '@ergoflow/kernels';
import { EVENT, EVENT_STEP, NOT_CONVERGED_CODE, STEP } from './coupled.ts';

/** A path that cannot be used: what happened to it, and when. */
export interface Failure {
  readonly kind: string;
  readonly replicate: number;
  /** Index of the step after which it was seen. */
  readonly step: number;
  /** Time at the end of that step, in the equations' time. */
  readonly time: number;
}

/** When the states are looked at: at the start, after each `every` steps, and at the end; `visit` gets the number of steps done and must not change them. */
export interface Save {
  readonly every: number;
  readonly visit: (stepsDone: number) => void;
}

/** What to simulate. */
export interface SimulateOptions {
  readonly kernel: Kernel;
  /** Replicates [from, to): one lane each. */
  readonly from: number;
  readonly to: number;
  /** Number of steps, ≥ 0. */
  readonly steps: number;
  /** Step of the program, > 0. */
  readonly dt: number;
  readonly uniforms: Readonly<Record<string, Float64Array>>;
  /** By name, [width × lanes]; advanced in place. States that are missing start from 0. */
  readonly states: Record<string, Float64Array>;
  /** Streams, as {@link openStreams} gives them; advanced in place. */
  readonly streams: Readonly<Record<string, Stream>>;
  /** Names of the events after `non-finite`, in the program's order. */
  readonly events?: readonly string[];
  readonly save?: Save | readonly Save[];
}

/**
 * Advances a block of paths, in place.
 *
 * @returns The failures, in order of the replicates; the states of those lanes are meaningless after the failure.
 */
export function simulate({ kernel, from, to, steps, dt, uniforms, states, streams, events = [], save = [] }: SimulateOptions): Failure[] {
  const lanes = to - from;
  for (const { name, width } of kernel.program.states) states[name] ??= new Float64Array(width * lanes);
  const shared = { ...uniforms, [STEP]: Float64Array.of(dt) };
  const saves = [save].flat();
  for (const { visit } of saves) visit(0);
  for (let done = 0; done < steps; ) {
    const next = Math.min(steps, ...saves.map(({ every }) => (Math.floor(done / every) + 1) * every));
    kernel.run({ lanes, steps: next - done, firstStep: done, uniforms: shared, states, streams });
    done = next;
    for (const { every, visit } of saves) if (done % every === 0 || done === steps) visit(done);
  }
  return failures(states, from, dt, ['non-finite', ...events]);
}

function failures(states: Readonly<Record<string, Float64Array>>, from: number, dt: number, kinds: readonly string[]): Failure[] {
  const codes = states[EVENT] ?? new Float64Array(0);
  const found: Failure[] = [];
  for (let lane = 0; lane < codes.length; lane++) {
    const step = states[EVENT_STEP]?.[lane] ?? 0;
    if (codes[lane] === 0) continue;
    const kind = codes[lane] === NOT_CONVERGED_CODE ? 'not-converged' : kinds[codes[lane] - 1];
    found.push({ kind, replicate: from + lane, step, time: (step + 1) * dt });
  }
  return found;
}

/**
 * Opens a program's streams for a range of replicates, each named by what its numbers are for.
 *
 * @param meaning Seed, purpose and whatever else tells these numbers from others; the process's name is added.
 */
export function openStreams(program: Program, meaning: readonly (string | number)[], from: number, to: number): Record<string, Stream> {
  return Object.fromEntries(program.streams.map(({ name }) => [name, openStream([...meaning, name], from, to - from)]));
}

const kernels = new WeakMap<Program, Kernel>();
const fallbacks = new Set<string>();

/** Gives a program's kernel, made once; which target runs it, compile decides from call to call. */
export function kernelOf(program: Program): Kernel {
  const known = kernels.get(program);
  if (known !== undefined) return known;
  const kernel = compile(program);
  const own: Kernel = {
    ...kernel,
    run(call) {
      kernel.run(call);
      if (kernel.fallback !== null) fallbacks.add(kernel.fallback);
    },
  };
  kernels.set(program, own);
  return own;
}

/** Why better targets were not used in this thread although they were tried: for a warning, as results do not depend on it. */
export const targetFallbacks = (): readonly string[] => [...fallbacks];
