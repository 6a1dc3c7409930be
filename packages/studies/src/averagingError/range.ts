/** How far the slow variables of the full system go: the extent of the grid on which an averaged equation is tabulated. */
import type { GraphBuilder, Node } from '@ergoflow/kernels';
import {
  coupledProgram,
  EPSILON,
  type Failure,
  fullSystem,
  kernelOf,
  type Model,
  openStreams,
  parameterUniforms,
  type Scheme,
  simulate,
  slowComponents,
  startPaths,
  stateName,
} from '@ergoflow/sde';

/** What to simulate. */
export interface RangeOptions {
  readonly model: Model;
  readonly parameters: ReadonlyMap<string, number>;
  readonly scheme: Scheme;
  readonly epsilon: number;
  readonly step: number;
  readonly horizon: number;
  readonly seed: number;
  readonly from: number;
  readonly to: number;
}

/** [replicates × slow components]: smallest and largest values along each path. */
export interface SlowRange {
  readonly low: Float64Array;
  readonly high: Float64Array;
  readonly failures: readonly Failure[];
}

/** Simulates pilot paths and records their extremes, the start included. */
export function slowRange({ model, parameters, scheme, epsilon, step, horizon, seed, from, to }: RangeOptions): SlowRange {
  const lanes = to - from;
  const meaning = [seed, 'averaging-error', 'range'];
  const program = coupledProgram({
    members: [{ name: 'full', equations: fullSystem(model), scheme, substeps: 1 }],
    observe: (g, after) =>
      model.slow.flatMap(({ name, size }) => {
        const now = after('full').get(name) as Node;
        return [
          { name: `low.${name}`, width: size, next: smaller(g, now, g.state(`low.${name}`, size)) },
          { name: `high.${name}`, width: size, next: g.negate(smaller(g, g.negate(now), g.negate(g.state(`high.${name}`, size)))) },
        ];
      }),
  });
  const started = startPaths({
    model,
    parameters,
    scheme,
    epsilon,
    unitStep: step / epsilon,
    from,
    to,
    meaning,
    resolutions: [{ name: 'full', substeps: 1 }],
  });
  const states: Record<string, Float64Array> = {};
  for (const [name, values] of started.values.get('full') ?? []) states[stateName('full', name)] = values.slice();
  for (const { name } of model.slow) for (const end of ['low', 'high']) states[`${end}.${name}`] = states[stateName('full', name)].slice();
  const failures = simulate({
    kernel: kernelOf(program),
    from,
    to,
    steps: Math.max(1, Math.ceil(horizon / step)),
    dt: step,
    uniforms: { ...parameterUniforms(parameters), [EPSILON]: Float64Array.of(epsilon) },
    states,
    streams: openStreams(program, meaning, from, to),
  });
  const components = slowComponents(model);
  const gather = (end: string): Float64Array => {
    const out = new Float64Array(lanes * components.length);
    for (const [k, { variable, index }] of components.entries()) {
      for (let lane = 0; lane < lanes; lane++) out[lane * components.length + k] = states[`${end}.${variable}`][index * lanes + lane];
    }
    return out;
  };
  return { low: gather('low'), high: gather('high'), failures: [...started.failures, ...failures] };
}

/** The smaller of two, `now` where it is not a number, so that a lost path shows. */
const smaller = (g: GraphBuilder, now: Node, was: Node): Node => g.select(g.less(was, now), was, now);
