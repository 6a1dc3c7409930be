/** The one door from a lane program to something that runs. */
import { env } from 'node:process';
import type { Call, Kernel, TargetName } from './kernel.ts';
import type { Program } from './program.ts';
import { isNativeReady, nativeTarget } from './targets/native/native.ts';
import { referenceTarget } from './targets/reference.ts';
import { Unavailable } from './targets/unavailable.ts';
import { wasmTarget } from './targets/wasm/wasm.ts';
import { LOOK_PAYS, nativePays, operationsOf, operationsPerStep, WASM_PAYS } from './targets/work.ts';

/** The targets, by name: how a program becomes a function that runs it. A new one is its file and one line. */
export const TARGETS: Readonly<Record<TargetName, (program: Program) => Kernel['run']>> = {
  reference: referenceTarget,
  wasm: wasmTarget,
  native: nativeTarget,
};

/** What is taken where a target cannot be had. */
const NEXT: Readonly<Record<TargetName, TargetName>> = { native: 'wasm', wasm: 'reference', reference: 'reference' };

/**
 * Makes a kernel of a program. Every target gives the same bits, so a kernel may change its target from call to call.
 *
 * @param target A target, or `auto` (default). Nothing is compiled before the first call. A target that cannot be had here gives way to the next of
 *   native, wasm, reference, and the kernel's `fallback` says why. `auto` is what the environment variable ERGOFLOW_TARGET says, else it goes by the
 *   operations of all calls so far and the one to come: JavaScript for little, WebAssembly from about 5 million operations on, native code where it
 *   was compiled before from 10^8 on, and compiled for this from about 10^10 on, which is a second or so of WebAssembly.
 * @throws RangeError for an unknown target.
 */
export function compile(program: Program, target: TargetName | 'auto' = 'auto'): Kernel {
  const fixed = checkedTarget(target);
  const perStep = operationsPerStep(program);
  const running = new Map<TargetName, Kernel['run']>();
  let current: TargetName = fixed ?? 'reference';
  let best: TargetName = 'native';
  let fallback: string | null = null;
  let done = 0;
  let looked = false;

  function wanted(call: Call): TargetName {
    if (fixed !== undefined) return fixed;
    done += operationsOf(perStep, call);
    if (current === 'native' || done > nativePays(program)) return 'native';
    if (done > LOOK_PAYS && !looked && best === 'native') {
      looked = true;
      if (isNativeReady(program, call)) return 'native';
    }
    return done > WASM_PAYS ? 'wasm' : 'reference';
  }

  function run(call: Call): void {
    checkCall(program, call);
    current = worse(wanted(call), best);
    for (;;) {
      try {
        const own = running.get(current) ?? TARGETS[current](program);
        running.set(current, own);
        own(call);
        return;
      } catch (error) {
        // Nothing was written yet.
        if (!(error instanceof Unavailable)) throw error;
        // A machine without a compiler is nothing to warn of, unless native code was asked for.
        if (fixed !== undefined || !error.isAbsent) fallback ??= error.message;
        current = best = NEXT[current];
      }
    }
  }

  return {
    program,
    run,
    get target() {
      return current;
    },
    get fallback() {
      return fallback;
    },
  };
}

const ORDER: readonly TargetName[] = ['reference', 'wasm', 'native'];
const worse = (a: TargetName, b: TargetName): TargetName => ORDER[Math.min(ORDER.indexOf(a), ORDER.indexOf(b))];

function checkedTarget(target: string): TargetName | undefined {
  const named = target === 'auto' ? env.ERGOFLOW_TARGET || 'auto' : target;
  if (named === 'auto') return undefined;
  if (!Object.hasOwn(TARGETS, named)) throw new RangeError(`target must be one of auto, ${ORDER.join(', ')}, got ${JSON.stringify(named)}`);
  return named as TargetName;
}

/** Arrays of a wrong length would be silent NaN in a kernel, so they are refused here, once per call. */
function checkCall(program: Program, call: Call): void {
  const wrong = (what: string, name: string, length: number, got: number | undefined): TypeError =>
    new TypeError(`${what} ${name} must have length ${length}, got ${got ?? 'none'}`);
  for (const { name, width } of program.uniforms) {
    if (call.uniforms[name]?.length !== width) throw wrong('uniform', name, width, call.uniforms[name]?.length);
  }
  for (const { name, width } of program.states) {
    if (call.states[name]?.length !== width * call.lanes) throw wrong('state', name, width * call.lanes, call.states[name]?.length);
  }
  for (const { name } of program.streams) {
    const stream = call.streams[name];
    if (stream?.spare.length !== call.lanes) throw wrong('stream', name, call.lanes, stream?.spare.length);
    if (stream.words.length !== 8 * call.lanes) throw wrong('words of stream', name, 8 * call.lanes, stream.words.length);
  }
}
