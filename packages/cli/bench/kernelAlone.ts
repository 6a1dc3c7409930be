/** Runs the kernel of a model's full system alone, native, in this thread, and prints the seconds of its calls: `kernelAlone.ts <model> <ε> <step> <paths> <steps> <lanes>`. */
import { readYamlFile } from '@ergoflow/input';
import { compile } from '@ergoflow/kernels';
import { coupledProgram, fullSystem, openStreams, parameterValues, readModel, SCHEMES, type Scheme } from '@ergoflow/sde';

const [file, ...numbers] = process.argv.slice(2);
const [epsilon, step, paths, steps, lanes] = numbers.map(Number);
const model = readModel(readYamlFile(file));
const program = coupledProgram({
  members: [{ name: 'full', substeps: 1, equations: fullSystem(model), scheme: SCHEMES.get('euler-maruyama') as Scheme }],
});
const kernel = compile(program, 'native');
const uniforms = {
  ...Object.fromEntries([...parameterValues(model, new Map())].map(([name, value]) => [`parameter.${name}`, Float64Array.of(value)])),
  epsilon: Float64Array.of(epsilon),
  dt: Float64Array.of(step),
};

/** Seconds that a block of paths takes. */
function run(from: number, to: number, length: number): number {
  const states = Object.fromEntries(program.states.map(({ name, width }) => [name, new Float64Array(width * (to - from))]));
  const streams = openStreams(program, ['bench'], from, to);
  const start = performance.now();
  kernel.run({ lanes: to - from, steps: length, firstStep: 0, uniforms, states, streams });
  return (performance.now() - start) / 1000;
}

// Compiled, or found on disk, before the clock starts.
run(0, lanes, 1);
if (kernel.target !== 'native') throw new Error(`there is no native code here: ${kernel.fallback}`);
let seconds = 0;
for (let from = 0; from < paths; from += lanes) seconds += run(from, Math.min(paths, from + lanes), steps);
console.log(seconds);
