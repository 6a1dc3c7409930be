/** What of the targets works on this machine, and what they make of a program: for people, not for programs. */
import { graphBuilder, type Node } from '../graph.ts';
import type { TargetName } from '../kernel.ts';
import { type Program, program } from '../program.ts';
import { cacheFolder } from './native/cache.ts';
import { findCompiler, versionOf } from './native/compiler.ts';
import { nativeTarget } from './native/native.ts';
import { printC } from './native/source.ts';
import { Unavailable } from './unavailable.ts';
import { printModule } from './wasm/encode.ts';
import { wasmModule } from './wasm/module.ts';
import { COPIES, wasmTarget } from './wasm/wasm.ts';

/** Whether a target works here. */
export interface TargetReport {
  readonly name: TargetName;
  readonly works: boolean;
  /** What it uses, or why it does not work. */
  readonly detail: string;
}

/** Tries every target on a program of one addition, best first. May compile C, which takes a fraction of a second. */
export function describeTargets(): TargetReport[] {
  return [
    attempt('native', nativeTarget, () => {
      const compiler = findCompiler();
      return typeof compiler === 'string' ? compiler : `${compiler.command.join(' ')} (${versionOf(compiler)}), kernels in ${cacheFolder()}`;
    }),
    attempt('wasm', wasmTarget, () => 'WebAssembly with SIMD instructions, no tool chain needed'),
    { name: 'reference', works: true, detail: 'JavaScript, one lane after the other' },
  ];
}

function attempt(name: TargetName, target: typeof nativeTarget, detail: () => string): TargetReport {
  const g = graphBuilder();
  const x = Float64Array.of(1, 2);
  try {
    target(program([{ name: 'x', width: 1, next: g.add(g.state('x'), g.constant(1)) }]))({
      lanes: 2,
      steps: 1,
      firstStep: 0,
      uniforms: {},
      states: { x },
      streams: {},
    });
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    return { name, works: false, detail: error.message };
  }
  return x[0] === 2 && x[1] === 3 ? { name, works: true, detail: detail() } : { name, works: false, detail: `1 + 1 gives ${x[0]}` };
}

/** Forms in which a program can be read. */
export const LISTINGS = {
  /** The C of the native target, for many lanes. */
  c: (made: Program): string => printC(made, 'vector'),
  /** The WebAssembly of the wasm target in its text format. */
  wat: (made: Program): string => printModule(wasmModule(made, COPIES).functions),
  graph: printGraph,
} as const;

/** The nodes, one a line: `%number: operation inputs`, with the width of vectors, by how often they are computed; then the states. */
function printGraph({ nodes, states }: Program): string {
  const value = (node: Node): string => (node.op === 'constant' && node.width === 1 ? `${node.numbers[0]}` : `%${node.id}`);
  const detail = (node: Node): string =>
    node.op === 'gather' || node.op === 'constant' ? ` [${shortened(node.numbers)}]` : node.name === '' ? '' : ` ${node.name}`;
  const line = (node: Node): string =>
    `  %${node.id}${node.width === 1 ? '' : ` (${node.width})`}: ${node.op}${detail(node)}${node.inputs.map((input) => ` ${value(input)}`).join('')}`;
  const part = (title: string, ...scopes: readonly string[]): string[] => {
    const own = nodes.filter((node) => scopes.includes(node.scope) && !(node.op === 'constant' && node.width === 1));
    return own.length === 0 ? [] : [title, ...own.map(line)];
  };
  return [
    ...part('once a call', 'constant', 'uniform'),
    ...part('once a step', 'step'),
    ...part('for every lane at every step', 'lane'),
    'states',
    ...states.map(({ name, width, next }) => `  ${name}${width === 1 ? '' : ` (${width})`}${next === null ? ': read only' : ` = ${value(next)}`}`),
    '',
  ].join('\n');
}

const shortened = (numbers: readonly number[]): string =>
  numbers.length <= 8 ? numbers.join(', ') : `${numbers.slice(0, 4).join(', ')}, … ${numbers.at(-1)}`;
