import { documentOf } from '@ergoflow/input';
import { assertMean } from '@ergoflow/testing';
import { describe, expect, test } from 'vitest';
import { averagedEquation } from './averaged/averagedEquation.ts';
import { coupledProgram, stateName } from './coupled.ts';
import type { Model } from './model/model.ts';
import { parameterValues } from './model/parameters.ts';
import { readModel } from './model/readModel.ts';
import type { Scheme } from './schemes/scheme.ts';
import { SCHEMES } from './schemes/table.ts';
import { kernelOf, openStreams, simulate } from './simulate.ts';
import { startPaths } from './start.ts';
import { fastProcesses, fullSystem, parameterUniforms } from './system.ts';

const LANES = 8000;

/** Full and averaged paths, and the fluctuation, at time 1; [size × lanes] by variable. */
function run(data: unknown, { epsilon = 0.2, steps = 100, substeps = 1, scheme = 'euler-maruyama' } = {}) {
  const model: Model = readModel(documentOf(data as never));
  const method = SCHEMES.get(scheme) as Scheme;
  const parameters = parameterValues(model, new Map());
  const slow = model.slow.map(({ name, size }) => ({ name, width: size }));
  const program = coupledProgram({
    members: [
      { name: 'full', equations: fullSystem(model), scheme: method, substeps },
      { name: 'averaged', equations: averagedEquation(model, { kind: 'truth' }), scheme: method, substeps },
    ],
    fluctuations: [{ name: 'control', of: 'full', around: 'averaged', slow, mirrored: fastProcesses(model) as ReadonlySet<string> }],
  });
  const dt = 1 / steps;
  const start = startPaths({
    model,
    parameters,
    scheme: method,
    epsilon,
    unitStep: dt / epsilon,
    from: 0,
    to: LANES,
    meaning: ['fluctuation'],
    resolutions: [{ name: 'h', substeps }],
  }).values.get('h') as ReadonlyMap<string, Float64Array>;
  const states: Record<string, Float64Array> = {};
  for (const [name, values] of start) states[stateName('full', name)] = values.slice();
  for (const { name } of slow) states[stateName('averaged', name)] = (start.get(name) as Float64Array).slice();
  const uniforms = { ...parameterUniforms(parameters), epsilon: Float64Array.of(epsilon) };
  const streams = openStreams(program, ['fluctuation'], 0, LANES);
  expect(simulate({ kernel: kernelOf(program), from: 0, to: LANES, steps, dt, uniforms, states, streams })).toEqual([]);
  return (member: string, variable: string): Float64Array => states[stateName(member, variable)];
}

/** Share of the variance of y that a multiple of x takes away. */
function explained(y: Float64Array, x: Float64Array): number {
  const mean = (values: Float64Array): number => values.reduce((total, value) => total + value, 0) / values.length;
  const [a, b] = [mean(y), mean(x)];
  const sum = (f: (k: number) => number): number => y.reduce((total, _, k) => total + f(k), 0);
  return sum((k) => (y[k] - a) * (x[k] - b)) ** 2 / sum((k) => (y[k] - a) ** 2) / sum((k) => (x[k] - b) ** 2);
}

const COUPLED = {
  slow: { x: { drift: 'x - x^3 + y*cos(x)', noise: '0.3*(1 + 0.5*x^2)', start: 0.4 } },
  fast: { y: { drift: '-(1 + x^2)*(y - 0.5*x)', noise: '1 + 0.2*sin(x)' } },
  truth: { drift: { x: 'x - x^3 + 0.5*x*cos(x)' } },
};
const VECTOR = {
  slow: { x: { size: 2, drift: '-x + x[i+1] + y^2 - 1/2', noise: 0.3, start: 'i/2' }, z: { drift: 'x[1]*y[2] - z', noise: 0.1, start: 0 } },
  fast: { y: { size: 2, drift: '-y', noise: 1 } },
  truth: { drift: { x: '-x + x[i+1]', z: '-z' } },
};

describe('its mean is 0', () => {
  // False-alarm rate 1e-6 each; a mean of a fifth of its deviation would be seen.
  const expectCentred = (values: Float64Array): void => {
    const deviation = Math.sqrt(values.reduce((total, value) => total + value ** 2, 0) / values.length);
    expect(deviation).toBeGreaterThan(0.01);
    assertMean(values, 0, { detects: 0.2 * deviation });
  };

  test.each(['euler-maruyama', 'tamed-euler', 'stochastic-heun', 'weak-two'])(
    'also times functions of the averaged path, with coupling both ways: %s',
    (scheme) => {
      const at = run(COUPLED, { scheme });
      const [control, averaged] = [at('control', 'x'), at('averaged', 'x')];
      expectCentred(control);
      expectCentred(control.map((value, k) => value * averaged[k]));
      expectCentred(control.map((value, k) => value * Math.exp(-(averaged[k] ** 2))));
    },
  );

  test('for vectors and several variables, at coarse steps too', () => {
    for (const steps of [100, 8]) {
      const at = run(VECTOR, { steps });
      for (const values of [at('control', 'x').slice(0, LANES), at('control', 'x').slice(LANES), at('control', 'z')]) expectCentred(values);
    }
  });
});

describe('it follows the difference of full and averaged path', () => {
  test('up to terms of size ε for linear equations, whatever else drives them', () => {
    const linear = {
      slow: { x: { drift: '-x + y', noise: 0.5, start: 1 } },
      fast: { y: { drift: '-y + 0.5*x', noise: 1 } },
      truth: { drift: { x: '-0.5*x' } },
    };
    const share = [0.2, 0.05].map((epsilon) => {
      const at = run(linear, { epsilon, steps: Math.round(20 / epsilon) });
      return (
        1 -
        explained(
          at('full', 'x').map((value, k) => value - at('averaged', 'x')[k]),
          at('control', 'x'),
        )
      );
    });
    // The rest of the variance is of relative size ε.
    expect(share[0]).toBeLessThan(0.25);
    expect(share[0] / share[1]).toBeGreaterThan(2.5);
    expect(share[0] / share[1]).toBeLessThan(6);
  });

  test('in large part where the corrector is not a multiple of the drift', () => {
    for (const [data, variable, least] of [
      [COUPLED, 'x', 0.6],
      [VECTOR, 'z', 0.6],
    ] as const) {
      const at = run(data, { epsilon: 0.05, steps: 400 });
      const difference = at('full', variable).map((value, k) => value - at('averaged', variable)[k]);
      expect(explained(difference, at('control', variable))).toBeGreaterThan(least);
    }
  });
});

test('substeps are steps: two of half the length give what a program of the half step gives', () => {
  // Normals of the two programs are drawn in one order only where one process has all of them, so the law is compared: here it is Gaussian.
  const at = [run(VECTOR, { steps: 50, substeps: 2 }), run(VECTOR, { steps: 100 })].map((get) => get('control', 'z'));
  const spread = at.map((values) => Math.sqrt(values.reduce((total, value) => total + value ** 2, 0) / LANES));
  expect(Math.abs(spread[0] / spread[1] - 1)).toBeLessThan(0.1);
});

test('there is none where a process acts on slow and fast variables both', () => {
  const shared = readModel(documentOf({ slow: { x: { drift: 'y', noise: { W: 1 } } }, fast: { y: { drift: '-y', noise: { W: 1, y: 1 } } } }));
  expect(fastProcesses(shared)).toBeNull();
  const apart = readModel(documentOf({ slow: { x: { drift: 'y', noise: { W: 1 } } }, fast: { y: { drift: '-y', noise: { V: 1, y: 1 } } } }));
  expect([...(fastProcesses(apart) ?? [])].sort()).toEqual(['V', 'y']);
});
