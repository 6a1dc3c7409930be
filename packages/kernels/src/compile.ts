/** The one door from a lane program to something that runs. */
import type { Call, Kernel } from './kernel.ts';
import type { Program } from './program.ts';
import { nativeTarget } from './targets/native/native.ts';
import { referenceTarget } from './targets/reference.ts';

/** The targets, by name: how a program becomes a kernel. A new one is one file and one line. */
export const TARGETS = { reference: referenceTarget, native: nativeTarget } as const satisfies Record<string, (program: Program) => Kernel['run']>;

/** Name of a target. */
export type TargetName = keyof typeof TARGETS;

/**
 * Makes a kernel of a program. Every target gives the same bits.
 *
 * @param target Default 'reference'.
 */
export function compile(program: Program, target: TargetName = 'reference'): Kernel {
  const run = TARGETS[target](program);
  return {
    program,
    run: (call) => {
      checkCall(program, call);
      run(call);
    },
  };
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
    if (call.streams[name]?.spare.length !== call.lanes) throw wrong('stream', name, call.lanes, call.streams[name]?.spare.length);
  }
}
