/** Prints how long one Euler–Maruyama step of one path of the double well (one slow and four fast variables, five normals) takes on every target. */
import { Bench } from 'tinybench';
import { compile, TARGETS, type TargetName } from '../src/compile.ts';
import { lower } from '../src/expression/lower.ts';
import { parseExpression } from '../src/expression/parse.ts';
import { graphBuilder, type Node } from '../src/graph.ts';
import { program } from '../src/program.ts';
import { openStream } from '../src/streams.ts';

/** As in models/double-well.yaml: drift, and what multiplies the process. */
const EQUATIONS: Readonly<Record<string, readonly [drift: string, noise: string]>> = {
  x: ['(a*x - c*x^3)/(1 + y1^2 + y2^2 + y3^2 + y4^4)', 'sigma'],
  y1: ['(-y1 - 0.2*y2)/epsilon', 'sqrt(2)/sqrt(epsilon)'],
  y2: ['(y2 - y2^3 - 0.2*(y1 + y3))/epsilon', 'sqrt(2)/sqrt(epsilon)'],
  y3: ['(-y3 - 0.2*(y2 + y4))/epsilon', 'sqrt(2)/sqrt(epsilon)'],
  y4: ['(y4 - y4^3 - 0.2*y3)/epsilon', 'sqrt(2)/sqrt(epsilon)'],
};
const PARAMETERS: Readonly<Record<string, number>> = { a: 2, c: 1, sigma: 0.5, epsilon: 0.01, dt: 0.001 };
const [LANES, STEPS] = [100, 2000];

const g = graphBuilder();
const lookup = (name: string): Node => (Object.hasOwn(EQUATIONS, name) ? g.state(name) : g.uniform(name));
const part = (text: string): Node => lower(parseExpression(text), g, { lookup, sizeOf: () => undefined, known: [] });
const stepper = program(
  Object.entries(EQUATIONS).map(([name, [drift, noise]]) => {
    const increment = g.multiply(g.squareRoot(g.uniform('dt')), g.normal(name, 1));
    const next = g.add(g.state(name), g.add(g.multiply(part(drift), g.uniform('dt')), g.multiply(part(noise), increment)));
    return { name, width: 1, next };
  }),
);

const bench = new Bench({ time: 3000 });
for (const target of Object.keys(TARGETS) as TargetName[]) {
  const kernel = compile(stepper, target);
  const streams = Object.fromEntries(stepper.streams.map(({ name }) => [name, openStream([1, name], 0, LANES)]));
  const uniforms = Object.fromEntries(stepper.uniforms.map(({ name }) => [name, Float64Array.of(PARAMETERS[name])]));
  const states = Object.fromEntries(stepper.states.map(({ name }) => [name, new Float64Array(LANES)]));
  bench.add(target, () => kernel.run({ lanes: LANES, steps: STEPS, firstStep: 0, uniforms, states, streams }));
}
await bench.run();

const nanoseconds = (milliseconds: number): string => ((milliseconds * 1e6) / (LANES * STEPS)).toFixed(1);
console.log('target      least   median (ns per step and path)');
for (const { name, result } of bench.tasks) {
  if (result.state !== 'completed') throw new Error(`${name}: ${result.state}`);
  console.log(`${name.padEnd(12)}${nanoseconds(result.latency.min).padEnd(8)}${nanoseconds(result.latency.p50)}`);
}
