/** The native target: C compiled by the system's compiler, called in the same thread on the caller's own arrays. */

import { createRequire } from 'node:module';
import { env } from 'node:process';
import type { Call } from '../../kernel.ts';
import type { Program } from '../../program.ts';
import { Unavailable } from '../unavailable.ts';
import { isCompiled, libraryOf } from './cache.ts';
import { type Arithmetic, type Compiler, findCompiler } from './compiler.ts';
import type { Lanes } from './prelude.ts';
import { printC, SCRATCH, SIGNATURE } from './source.ts';

interface Library {
  func(definition: string): (...parts: unknown[]) => unknown;
}

/** What is used of koffi, the foreign function interface. */
interface Koffi {
  load(path: string): Library;
  address(array: NodeJS.TypedArray): bigint;
}

let koffi: Koffi | string | undefined;

/** Loads koffi, once per thread; or gives the reason why it cannot be loaded. */
export function foreignFunctions(): Koffi | string {
  if (koffi === undefined) {
    try {
      koffi = createRequire(import.meta.url)('koffi') as Koffi;
    } catch (error) {
      koffi = `koffi, which calls compiled code, cannot be loaded: ${error instanceof Error ? error.message.split('\n')[0] : error}`;
    }
  }
  return koffi;
}

/** A compiler that failed once is not asked again by this thread, so that many kernels do not wait for it each. */
const broken = new Map<string, string>();

/**
 * Makes the function that runs a program. The C for one lane and that for many are compiled when first needed.
 *
 * @throws Unavailable from the function, before anything was written, if there is no compiler, no koffi, or no library comes of them.
 */
export function nativeTarget(program: Program): (call: Call) => void {
  const loaded = new Map<Lanes, (call: Call) => void>();
  return (call) => {
    const lanes = lanesOf(call);
    const run = loaded.get(lanes) ?? load(program, lanes);
    loaded.set(lanes, run);
    run(call);
  };
}

const lanesOf = (call: Call): Lanes => (call.lanes === 1 ? 'single' : 'vector');

/** Whether the C that a call needs was compiled before, so that running it costs no time but the loading. */
export function isNativeReady(program: Program, call: Call): boolean {
  const compiler = findCompiler();
  return typeof foreignFunctions() !== 'string' && typeof compiler !== 'string' && isCompiled(printC(program, lanesOf(call)), compiler);
}

/** A compiled source, ready to be called. */
export interface Opened {
  readonly calls: Koffi;
  readonly library: Library;
}

/**
 * Compiles a source, or takes what was compiled before, and loads it.
 *
 * @throws Unavailable if there is no compiler, no koffi, or no library comes of them.
 */
export function openSource(source: string, arithmetic: Arithmetic = 'exact'): Opened {
  const calls = foreignFunctions();
  if (typeof calls === 'string') throw new Unavailable(calls, true);
  const compiler = findCompiler();
  if (typeof compiler === 'string') throw new Unavailable(compiler, !env.ERGOFLOW_CC);
  const path = compiled(source, compiler, arithmetic);
  try {
    return { calls, library: calls.load(path) };
  } catch (error) {
    throw new Unavailable(`the compiled kernel ${path} cannot be loaded: ${error instanceof Error ? error.message.split('\n')[0] : error}`);
  }
}

function load(program: Program, lanes: Lanes): (call: Call) => void {
  const { calls, library } = openSource(printC(program, lanes));
  const run = library.func(SIGNATURE);
  const scratch = new Float64Array(Number(library.func(SCRATCH)()));
  return (call) => {
    const streams = program.streams.map(({ name }) => call.streams[name]);
    const arrays = [
      ...program.uniforms.map(({ name }) => call.uniforms[name]),
      ...program.states.map(({ name }) => call.states[name]),
      ...streams.map(({ words }) => words),
      ...streams.map(({ spare }) => spare),
    ];
    const flags = streams.map(({ hasSpare }) => (hasSpare ? 1n : 0n));
    run(call.lanes, call.steps, call.firstStep, BigUint64Array.from([...arrays.map(calls.address), ...flags, calls.address(scratch)]));
    for (const [k, { width }] of program.streams.entries()) if ((call.steps * width) % 2 === 1) streams[k].hasSpare = !streams[k].hasSpare;
  };
}

function compiled(source: string, compiler: Compiler, arithmetic: Arithmetic): string {
  const known = broken.get(compiler.identity);
  if (known !== undefined) throw new Unavailable(known);
  const found = libraryOf(source, compiler, arithmetic);
  if ('path' in found) return found.path;
  if (found.lasting) broken.set(compiler.identity, found.reason);
  throw new Unavailable(found.reason);
}
