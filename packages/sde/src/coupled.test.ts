import { readYaml } from '@ergoflow/input';
import { openStream } from '@ergoflow/kernels';
import { expect, test } from 'vitest';
import { coupledProgram, EVENT, EVENT_STEP, type Member, stateName } from './coupled.ts';
import { readModel } from './model/readModel.ts';
import { eulerMaruyama } from './schemes/eulerMaruyama.ts';
import { kernelOf, openStreams, simulate } from './simulate.ts';
import { fullSystem, parameterUniforms } from './system.ts';

const linear = readModel(
  readYaml(
    `
name: linear-test
slow: { x: { drift: -a*x + b*y, noise: 0.3, start: 0.5 } }
fast: { y: { drift: x - y, noise: sqrt(2), start: 1 } }
parameters: { a: 1.5, b: 0.7 }
`,
    'linear-test.yaml',
  ),
);
const parameters = new Map([
  ['a', 1.5],
  ['b', 0.7],
]);

function members(...substeps: number[]): Member[] {
  return substeps.map((count) => ({ name: `m${count}`, equations: fullSystem(linear), scheme: eulerMaruyama, substeps: count }));
}

function run(list: readonly Member[], steps: number, dt: number, from: number, to: number): Record<string, Float64Array> {
  const program = coupledProgram({ members: list });
  const states: Record<string, Float64Array> = {};
  for (const { name } of list) {
    states[stateName(name, 'x')] = new Float64Array(to - from).fill(0.5);
    states[stateName(name, 'y')] = new Float64Array(to - from).fill(1);
  }
  const uniforms = { ...parameterUniforms(parameters), epsilon: Float64Array.of(0.1) };
  const failures = simulate({ kernel: kernelOf(program), from, to, steps, dt, uniforms, states, streams: openStreams(program, ['test'], from, to) });
  expect(failures).toEqual([]);
  return states;
}

test('a step is Euler–Maruyama with 1/ε on the fast drift and 1/√ε on the fast noise', () => {
  const states = run(members(1), 1, 0.01, 0, 4);
  const [wx, wy] = ['x', 'y'].map((name) => openStream(['test', name], 0, 4));
  // The normals themselves, by a program that does nothing else, are tested in kernels; here a second step with zero noise isolates the drift.
  expect(wx.words).not.toEqual(wy.words);
  const drift = 0.5 + (-1.5 * 0.5 + 0.7) * 0.01;
  const noise = [...states['m1.x']].map((x) => (x - drift) / (0.3 * 0.1));
  const fastDrift = 1 + ((0.5 - 1) / 0.1) * 0.01;
  const fastNoise = [...states['m1.y']].map((y) => (y - fastDrift) / (Math.SQRT2 * Math.sqrt(10) * 0.1));
  for (const z of [...noise, ...fastNoise]) expect(Math.abs(z)).toBeLessThan(6);
  expect(new Set([...noise, ...fastNoise]).size).toBe(8);
});

test('coarse and fine members see one Brownian path: without drift and with constant noise they end at the same place', () => {
  const free = readModel(readYaml('name: free\nslow: { x: { drift: 0, noise: 2 } }\nfast: { y: { drift: 0, noise: 1, start: 0 } }\n', 'free.yaml'));
  const program = coupledProgram({
    members: [1, 2, 4].map((count) => ({ name: `m${count}`, equations: fullSystem(free), scheme: eulerMaruyama, substeps: count })),
  });
  const states: Record<string, Float64Array> = {};
  simulate({
    kernel: kernelOf(program),
    from: 0,
    to: 50,
    steps: 37,
    dt: 0.02,
    uniforms: { epsilon: Float64Array.of(0.25) },
    states,
    streams: openStreams(program, ['free'], 0, 50),
  });
  for (const name of ['x', 'y']) {
    for (let lane = 0; lane < 50; lane++) {
      expect(states[`m2.${name}`][lane]).toBeCloseTo(states[`m1.${name}`][lane], 12);
      expect(states[`m4.${name}`][lane]).toBeCloseTo(states[`m1.${name}`][lane], 12);
    }
  }
});

test('a replicate’s path does not depend on the block it is simulated in', () => {
  const whole = run(members(1, 2), 25, 0.01, 0, 10);
  const part = run(members(1, 2), 25, 0.01, 6, 9);
  for (const [name, values] of Object.entries(part)) expect([...values]).toEqual([...whole[name].slice(6, 9)]);
});

test('a path that blows up is reported with kind, replicate, step and time, and neighbours go on', () => {
  const explosive = readModel(
    readYaml('name: explosive\nslow: { x: { drift: x^3, noise: 1, start: 0 } }\nfast: { y: { drift: -y, noise: 1, start: 0 } }\n', 'explosive.yaml'),
  );
  const program = coupledProgram({ members: [{ name: 'm', equations: fullSystem(explosive), scheme: eulerMaruyama, substeps: 1 }] });
  const lanes = 40;
  const states: Record<string, Float64Array> = {};
  const record: number[][] = Array.from({ length: lanes }, () => []);
  const failures = simulate({
    kernel: kernelOf(program),
    from: 100,
    to: 100 + lanes,
    steps: 300,
    dt: 0.01,
    uniforms: { epsilon: Float64Array.of(0.5) },
    states,
    streams: openStreams(program, ['explosive'], 100, 100 + lanes),
    save: {
      every: 1,
      visit: () => {
        for (const [lane, path] of record.entries()) path.push(states['m.x'][lane], states['m.y'][lane]);
      },
    },
  });
  const lost = new Map(failures.map((failure) => [failure.replicate, failure]));
  expect(lost.size).toBeGreaterThan(0);
  expect(lost.size).toBeLessThan(lanes);
  for (let lane = 0; lane < lanes; lane++) {
    const firstBad = record[lane].findIndex((value) => !Number.isFinite(value));
    const failure = lost.get(100 + lane);
    if (firstBad < 0) expect(failure).toBeUndefined();
    else
      expect(failure).toEqual({
        kind: 'non-finite',
        replicate: 100 + lane,
        step: Math.floor(firstBad / 2) - 1,
        time: Math.floor(firstBad / 2) * 0.01,
      });
  }
});

test('an event of the caller is recorded at its first step, and the first event met counts', () => {
  const program = coupledProgram({
    members: members(1),
    events: [
      { kind: 'high', happens: (g, after) => g.less(g.constant(0.6), after('m1').get('x') as never) },
      { kind: 'low', happens: (g, after) => g.less(after('m1').get('x') as never, g.constant(0.45)) },
    ],
  });
  const [lanes, steps, dt] = [20, 60, 0.005];
  const states: Record<string, Float64Array> = { 'm1.x': new Float64Array(lanes).fill(0.5), 'm1.y': new Float64Array(lanes).fill(1) };
  const paths: number[][] = Array.from({ length: lanes }, () => []);
  const failures = simulate({
    kernel: kernelOf(program),
    from: 0,
    to: lanes,
    steps,
    dt,
    uniforms: { ...parameterUniforms(parameters), epsilon: Float64Array.of(0.1) },
    states,
    streams: openStreams(program, ['events'], 0, lanes),
    events: ['high', 'low'],
    save: {
      every: 1,
      visit: (done) => {
        if (done > 0) for (const [lane, path] of paths.entries()) path.push(states['m1.x'][lane]);
      },
    },
  });
  const expected = paths.flatMap((path, replicate) => {
    const step = path.findIndex((x) => x > 0.6 || x < 0.45);
    return step < 0 ? [] : [{ kind: path[step] > 0.6 ? 'high' : 'low', replicate, step, time: (step + 1) * dt }];
  });
  expect(expected.length).toBeGreaterThan(2);
  expect(failures).toEqual(expected);
  expect(states[EVENT].length).toBe(states[EVENT_STEP].length);
});
