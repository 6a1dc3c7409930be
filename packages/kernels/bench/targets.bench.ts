/**
 * The targets beside C written by hand (hand.c): the same systems, the same normals, the same bits, in one run on one core.
 *
 * Everything is timed in turn, many times, and the least time counts: other programs can only add to it. Each way of running is checked to end
 * at the same states. Writes results/bench/targets.json.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile, describeTargets, openStream, type Stream, type TargetName } from '../src/index.ts';
import { SHAPES, type Shape } from './shapes.ts';

/** The engine's own, which Node's types do not declare. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

const [H, EPSILON, S] = [0.001, 0.1, 0.5];
const TARGETS: readonly TargetName[] = ['native', 'wasm', 'reference'];
const ROUNDS = 25;

interface Block {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly stream: Stream;
}

type Run = (block: Block) => void;

const start = ({ slow, fast }: Shape, lanes: number): Block => ({
  x: new Float64Array(slow * lanes).fill(0.5),
  y: new Float64Array(fast * lanes).fill(0.25),
  stream: openStream([1], 0, lanes),
});

/** The generators as 64-bit numbers, [4 × lanes], which is what hand.c takes. */
function wordsOf({ words }: Stream, lanes: number): BigUint64Array {
  const at = (word: number, lane: number): bigint => BigInt(words[word * lanes + lane]);
  return BigUint64Array.from({ length: 4 * lanes }, (_, k) => {
    const [i, lane] = [2 * Math.floor(k / lanes), k % lanes];
    return at(i, lane) | (at(i + 1, lane) << 32n);
  });
}

const folder = mkdtempSync(join(tmpdir(), 'ergoflow-bench-'));
const source = fileURLToPath(new URL('./hand.c', import.meta.url));
const BITS = ['-O3', '-ffp-contract=off', '-fno-math-errno', '-fno-trapping-math'];

function build(name: string, command: readonly string[]): string | undefined {
  const path = join(folder, name);
  const { status, stderr } = spawnSync(command[0], [...command.slice(1), ...BITS, '-o', path, source], { encoding: 'utf8' });
  if (status !== 0) console.log(`(${name} cannot be built: ${stderr?.split('\n')[0] || `no ${command[0]}`})`);
  return status === 0 ? path : undefined;
}

type Hand = (shape: number, lanes: number, steps: number) => Run;

interface Library {
  func(definition: string): (...parts: unknown[]) => void;
}

/** hand.c as a native library. */
function nativeHand(name: string, flags: readonly string[]): Hand | undefined {
  const path = build(name, ['cc', '-march=native', '-shared', '-fPIC', ...flags]);
  if (path === undefined) return undefined;
  const library = (createRequire(import.meta.url)('koffi') as { load(path: string): Library }).load(path);
  return (shape, lanes, steps) => {
    const call = library.func(`void system${shape}(int64_t, int64_t, double, double, double, double *, double *, uint64_t *)`);
    return ({ x, y, stream }) => call(lanes, steps, H, EPSILON, S, x, y, wordsOf(stream, lanes));
  };
}

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly [name: string]: unknown;
}

/** hand.c as WebAssembly by clang. */
function wasmHand(lanesPerBlock: number): Hand | undefined {
  const wasm = ['--target=wasm32', '-msimd128', '-mbulk-memory', '-nostdlib', '-Wl,--no-entry', '-Wl,--export-all', '-Wl,-z,stack-size=1048576'];
  const path = build(`hand${lanesPerBlock}.wasm`, ['clang', ...wasm, `-DLANES=${lanesPerBlock}`]);
  if (path === undefined) return undefined;
  const exports = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(path)), {}).exports as Exports;
  exports.memory.grow(100);
  const base = 2 ** 21;
  return (shape, lanes, steps) => {
    const call = exports[`system${shape}`] as (...parts: unknown[]) => void;
    return ({ x, y, stream }) => {
      const { buffer } = exports.memory;
      const floats = new Float64Array(buffer);
      const [atY, atWords] = [base + x.byteLength, base + x.byteLength + y.byteLength];
      floats.set(x, base / 8);
      floats.set(y, atY / 8);
      new BigUint64Array(buffer).set(wordsOf(stream, lanes), atWords / 8);
      call(BigInt(lanes), BigInt(steps), H, EPSILON, S, base, atY, atWords);
      x.set(floats.subarray(base / 8, base / 8 + x.length));
      y.set(floats.subarray(atY / 8, atY / 8 + y.length));
    };
  };
}

function ours(shape: Shape, lanes: number, steps: number, target: TargetName): Run {
  const kernel = compile(shape.program, target);
  const uniforms = { h: Float64Array.of(H), epsilon: Float64Array.of(EPSILON), s: Float64Array.of(S) };
  return ({ x, y, stream }) => {
    kernel.run({ lanes, steps, firstStep: 0, uniforms, states: { x, y }, streams: { W: stream } });
    if (kernel.target !== target) throw new Error(`${target} is not available: ${kernel.fallback}`);
  };
}

/** Least times in nanoseconds per step and path. */
function measure(shape: Shape, lanes: number, steps: number, runs: ReadonlyMap<string, Run>, rounds: number): Map<string, number> {
  const least = new Map<string, number>();
  let expected: Block | undefined;
  for (let round = 0; round <= rounds; round++) {
    for (const [name, run] of runs) {
      const block = start(shape, lanes);
      const before = process.hrtime.bigint();
      run(block);
      const time = Number(process.hrtime.bigint() - before) / (steps * lanes);
      expected ??= block;
      const same = [...block.x].every((v, k) => v === expected?.x[k]) && [...block.y].every((v, k) => v === expected?.y[k]);
      if (!same) throw new Error(`${name} ends elsewhere on ${shape.name}`);
      // The first round warms up.
      if (round > 0) least.set(name, Math.min(least.get(name) ?? Number.POSITIVE_INFINITY, time));
    }
  }
  return least;
}

const hand = nativeHand('hand.so', []);
const scalar = nativeHand('scalar.so', ['-DSCALAR', '-DLANES=1']);
const wasms = [4, 8, 16].map((lanes) => [`clang wasm ${lanes}`, wasmHand(lanes)] as const);
const available = new Set(describeTargets().flatMap(({ name, works }) => (works ? [name] : [])));

interface Row {
  readonly shape: string;
  readonly lanes: number;
  readonly steps: number;
  readonly nanoseconds: Readonly<Record<string, number>>;
  readonly ratios: Readonly<Record<string, number>>;
}

function ratios(times: ReadonlyMap<string, number>): Record<string, number> {
  const found: Record<string, number> = {};
  const wasm = Math.min(...[...times].flatMap(([name, time]) => (name.startsWith('clang wasm') ? [time] : [])));
  const put = (name: string, a: number | undefined, b: number | undefined): void => {
    if (a !== undefined && b !== undefined && Number.isFinite(b)) found[name] = a / b;
  };
  put('native / C', times.get('native'), times.get('C'));
  put('wasm / clang wasm', times.get('wasm'), wasm);
  put('wasm / native', times.get('wasm'), times.get('native'));
  put('reference / native', times.get('reference'), times.get('native'));
  return found;
}

const rows: Row[] = [];

function row(
  name: string,
  shape: Shape,
  lanes: number,
  steps: number,
  hands: readonly (readonly [string, Hand | undefined])[],
  rounds: number,
): void {
  const index = SHAPES.indexOf(shape);
  const runs = new Map<string, Run>();
  for (const [label, each] of hands) if (each !== undefined) runs.set(label, each(index, lanes, steps));
  for (const target of TARGETS) if (available.has(target)) runs.set(target, ours(shape, lanes, steps, target));
  const times = measure(shape, lanes, steps, runs, rounds);
  const made: Row = { shape: name, lanes, steps, nanoseconds: Object.fromEntries(times), ratios: ratios(times) };
  rows.push(made);
  const text = (values: Readonly<Record<string, number>>): string =>
    Object.entries(values)
      .map(([key, value]) => `${key} ${value.toFixed(2)}`)
      .join(', ');
  console.log(`${name} (${lanes} lanes, ${steps} steps)\n  ns per step and path: ${text(made.nanoseconds)}\n  ratios: ${text(made.ratios)}`);
}

const LANES = 64;
for (const shape of SHAPES) {
  const steps = 2 * Math.ceil(1e6 / (shape.slow + shape.fast) / LANES / 2);
  row(shape.name, shape, LANES, steps, [['C', hand], ...wasms], ROUNDS);
}
row('one path of 1+1', SHAPES[0], 1, 1e7, [['C', scalar]], 2);

const file = fileURLToPath(new URL('../../../results/bench/targets.json', import.meta.url));
mkdirSync(join(file, '..'), { recursive: true });
writeFileSync(file, `${JSON.stringify({ processor: cpus()[0]?.model, node: process.version, targets: describeTargets(), rows }, null, 2)}\n`);
console.log(`written to ${file}`);
rmSync(folder, { recursive: true });
