/** Times `wasm` kernels from the program to the end of one step, in this process, which does nothing before: `firstModule.ts <index of the first shape>`. Prints milliseconds by shape. */
import { compile, openStream } from '../src/index.ts';
import { SHAPES, type Shape } from './shapes.ts';

const LANES = 64;

function milliseconds({ slow, fast, program }: Shape): number {
  const uniforms = { h: Float64Array.of(0.001), epsilon: Float64Array.of(0.1), s: Float64Array.of(0.5) };
  const states = { x: new Float64Array(slow * LANES), y: new Float64Array(fast * LANES) };
  const streams = { W: openStream([1], 0, LANES) };
  const start = performance.now();
  compile(program, 'wasm').run({ lanes: LANES, steps: 1, firstStep: 0, uniforms, states, streams });
  return performance.now() - start;
}

const first = Number(process.argv[2]);
const order = [SHAPES[first], ...SHAPES.filter((_, k) => k !== first)];
console.log(JSON.stringify(Object.fromEntries(order.map((shape) => [shape.name, milliseconds(shape)]))));
