import { readFileSync } from 'node:fs';
import { readYaml } from '@ergoflow/input';
import { compile, type Node, scalarOf } from '@ergoflow/kernels';
import { describe, expect, test } from 'vitest';
import { coupledProgram, type Member, stateName } from '../coupled.ts';
import type { Equations } from '../equations.ts';
import { findModel } from '../model/find.ts';
import { parameterValues } from '../model/parameters.ts';
import { readModel } from '../model/readModel.ts';
import { openStreams, simulate } from '../simulate.ts';
import { startPaths } from '../start.ts';
import { frozenFast, fullSystem } from '../system.ts';
import { eulerMaruyama } from './eulerMaruyama.ts';
import { momentMap, OSCILLATOR } from './fixtures/momentOrder.ts';
import { multiscaleCost } from './multiscale.ts';
import { phi } from './phi.ts';
import { orders, type Scheme, SchemeError } from './scheme.ts';
import { SCHEMES } from './table.ts';

const modelOf = (text: string) => readModel(readYaml(`name: m\n${text}`, 'm.yaml'));
const scheme = (name: string): Scheme => SCHEMES.get(name) as Scheme;

/** Runs members from given starts; returns their states at the end, [lanes], and the failures. */
function run(members: readonly Member[], start: Readonly<Record<string, number>>, steps: number, dt: number, lanes = 1, epsilon = 1) {
  const program = coupledProgram({ members });
  const states: Record<string, Float64Array> = {};
  for (const { name, equations } of members)
    for (const { name: variable, width } of equations.variables)
      states[stateName(name, variable)] = new Float64Array(width * lanes).fill(start[variable] ?? 0);
  const failures = simulate({
    kernel: compile(program),
    from: 0,
    to: lanes,
    steps,
    dt,
    uniforms: { epsilon: Float64Array.of(epsilon) },
    states,
    streams: openStreams(program, ['schemes'], 0, lanes),
  });
  return { states, failures };
}

describe('increments', () => {
  /** w' = w + ΔW, z' = z + w h + ΔZ: then z is ∫ W ds at the end of every step, whatever the steps. */
  const integral: Equations = {
    variables: [
      { name: 'w', width: 2 },
      { name: 'z', width: 2 },
    ],
    processes: [{ name: 'W', width: 2 }],
    drift: () => new Map(),
    noise: () => [],
  };
  const integrator: Scheme = {
    ...eulerMaruyama,
    name: 'integrator',
    step: (g, _, state, __, dt, increments) => {
      const [w, z] = [state.get('w') as Node, state.get('z') as Node];
      const next = new Map([
        ['w', g.add(w, increments.get('W'))],
        ['z', g.add(z, g.add(g.multiply(w, dt), increments.area('W')))],
      ]);
      return { state: next };
    },
  };
  const member = (substeps: number): Member => ({ name: `m${substeps}`, equations: integral, scheme: integrator, substeps });

  test('coarse and fine steps see one path, and one integral of it', () => {
    const { states } = run([1, 2, 4, 12].map(member), {}, 30, 0.1, 20);
    for (const substeps of [2, 4, 12]) {
      for (const variable of ['w', 'z']) {
        for (let k = 0; k < 40; k++) expect(states[`m${substeps}.${variable}`][k]).toBeCloseTo(states[`m1.${variable}`][k], 11);
      }
    }
  });

  // Five deviations of the sample moments of 2·10^5 Gaussian pairs: missed with probability 1e-6; off by 2 % is told.
  test('over one step ΔW and ΔZ have variances h and h³/3 and covariance h²/2, drawn at once or from three fine steps', () => {
    const [h, lanes] = [0.3, 100_000];
    for (const members of [[member(1)], [member(1), member(3)]]) {
      const { states } = run(members, {}, 1, h, lanes);
      const [w, z] = [states['m1.w'], states['m1.z']];
      const moment = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, k) => sum + x * b[k], 0) / a.length;
      const bound = 5 * Math.sqrt(2 / w.length);
      expect(Math.abs(moment(w, w) / h - 1)).toBeLessThan(bound);
      expect(Math.abs(moment(z, z) / (h ** 3 / 3) - 1)).toBeLessThan(bound);
      expect(Math.abs(moment(w, z) / (h ** 2 / 2) - 1)).toBeLessThan(bound * 1.1);
    }
  });

  test('a scheme’s further normals leave the path as it is', () => {
    const equations = fullSystem(modelOf('slow: { x: { drift: 0, noise: { A: 1 } }, z: { drift: 0, noise: { A: x, B: 1 } } }'));
    const alone = run([{ name: 'a', equations, scheme: eulerMaruyama, substeps: 1 }], {}, 10, 0.1, 5).states;
    const beside = run(
      [
        { name: 'a', equations, scheme: eulerMaruyama, substeps: 1 },
        { name: 'b', equations, scheme: scheme('weak-two'), substeps: 1 },
      ],
      {},
      10,
      0.1,
      5,
    ).states;
    expect(beside['a.z']).toEqual(alone['a.z']);
  });
});

describe('what explicit Euler cannot', () => {
  const superlinear = fullSystem(modelOf('slow: { x: { drift: x - x^3, noise: 1 } }'));
  const last = (name: string, equations: Equations, x: number, steps: number, h: number) =>
    run([{ name: 'm', equations, scheme: scheme(name), substeps: 1 }], { x }, steps, h, 50);

  test.each(['tamed-euler', 'truncated-euler', 'drift-implicit-euler', 'split-step-euler'])('%s comes back from far out in a cubic drift', (name) => {
    expect(last('euler-maruyama', superlinear, 8, 100, 0.1).failures.length).toBe(50);
    const { states, failures } = last(name, superlinear, 8, 100, 0.1);
    expect(failures).toEqual([]);
    for (const x of states['m.x']) expect(Math.abs(x)).toBeLessThan(4);
  });

  test.each(['drift-implicit-euler', 'split-step-euler', 'exponential-euler'])(
    '%s is stable at 50 times the largest step of euler-maruyama',
    (name) => {
      const stiff = fullSystem(modelOf('slow: { x: { drift: -100*x + z, noise: 1 }, z: { drift: x - z, noise: 1 } }'));
      expect(Math.abs(last('euler-maruyama', stiff, 1, 40, 1).states['m.x'][0])).toBeGreaterThan(1e60);
      for (const x of last(name, stiff, 1, 40, 1).states['m.x']) expect(Math.abs(x)).toBeLessThan(10);
    },
  );

  test('a Newton iteration that has not settled is an outcome of its own, with its step', () => {
    const { failures } = last('drift-implicit-euler', fullSystem(modelOf('slow: { x: { drift: x^3 } }')), 2, 5, 0.5);
    expect(failures.length).toBe(50);
    expect(failures[0]).toEqual({ kind: 'not-converged', replicate: 0, step: 0, time: 0.5 });
  });
});

describe('exactness', () => {
  test('exponential-euler has the exact law of an Ornstein–Uhlenbeck process at any step', () => {
    const linear = fullSystem(modelOf('slow: { x: { drift: -3*x + 1, noise: 0.7 } }'));
    const free = fullSystem(modelOf('slow: { x: { drift: 0, noise: 1 } }'));
    for (const h of [0.01, 1, 20]) {
      const members = [
        { name: 'm', equations: linear, scheme: scheme('exponential-euler'), substeps: 1 },
        { name: 'w', equations: free, scheme: eulerMaruyama, substeps: 1 },
      ];
      const { states } = run(members, {}, 1, h);
      const mean = (1 - Math.exp(-3 * h)) / 3;
      const deviation = 0.7 * Math.sqrt((1 - Math.exp(-6 * h)) / 6);
      expect(states['m.x'][0]).toBeCloseTo(mean + (deviation * states['w.x'][0]) / Math.sqrt(h), 13);
    }
  });

  test('φ₁ is (e^z - 1)/z to 4 units in the last place on both sides of 0', () => {
    const value = scalarOf((g, z) => phi(g, z), 1);
    for (const z of [-700, -3, -1e-3, -1e-9, -1e-300, 0, 1e-9, 0.01, 2, 50]) {
      const expected = z === 0 ? 1 : Math.expm1(z) / z;
      expect(Math.abs(value(z) - expected), `${z}`).toBeLessThanOrEqual(4 * 2 ** -52 * expected);
    }
  });

  test('drift-implicit-euler solves a linear drift in one step of Newton: the residual is rounding', () => {
    const { states } = run(
      [
        {
          name: 'm',
          equations: fullSystem(modelOf('slow: { x: { drift: -5*x + 2*z + 1 }, z: { drift: 3*x - 7*z } }')),
          scheme: scheme('drift-implicit-euler'),
          substeps: 1,
        },
      ],
      { x: 1, z: 2 },
      1,
      0.5,
    );
    const [x, z] = [states['m.x'][0], states['m.z'][0]];
    expect(x - 0.5 * (-5 * x + 2 * z + 1)).toBeCloseTo(1, 13);
    expect(z - 0.5 * (3 * x - 7 * z)).toBeCloseTo(2, 13);
  });

  // Leimkuhler & Matthews (2013): positions of a harmonic oscillator have their exact law at every stable step.
  test('baoab has the exact stationary law of positions of a harmonic oscillator', () => {
    const map = momentMap(scheme('baoab'), OSCILLATOR, 0.7);
    let moments = [1, 0, 1, 0, 1, 0, 1, 0, 1];
    for (let k = 0; k < 200; k++) moments = map.map((row) => row.reduce((sum, entry, j) => sum + entry * moments[j], 0));
    const mean = 0.3 / 2;
    expect(moments[2]).toBeCloseTo(mean, 12);
    expect(moments[0] - mean ** 2).toBeCloseTo((0.81 + 0.16) / (2 * 0.8) / 2, 12);
  });

  test('milstein, stochastic-heun and weak-two are what their formulas say, by hand', () => {
    const equations = fullSystem(modelOf('slow: { x: { drift: 2*x, noise: 0.5*x^2 } }'));
    const free = fullSystem(modelOf('slow: { x: { drift: 0, noise: 1 } }'));
    const [x, h] = [0.8, 0.1];
    const [a, b] = [(y: number) => 2 * y, (y: number) => 0.5 * y * y];
    const after = (name: string) => {
      const members = [
        { name: 'm', equations, scheme: scheme(name), substeps: 1 },
        { name: 'w', equations: free, scheme: eulerMaruyama, substeps: 1 },
      ];
      const { states } = run(members, { x }, 1, h);
      return { found: states['m.x'][0], w: states['w.x'][0] - x };
    };
    const correction = (y: number): number => 0.5 * b(y) * y;
    const milstein = after('milstein');
    expect(milstein.found).toBeCloseTo(x + a(x) * h + b(x) * milstein.w + correction(x) * (milstein.w ** 2 - h), 14);
    const heun = after('stochastic-heun');
    const slope = (y: number): number => a(y) - correction(y);
    const predicted = x + slope(x) * h + b(x) * heun.w;
    expect(heun.found).toBeCloseTo(x + 0.5 * (slope(x) + slope(predicted)) * h + 0.5 * (b(x) + b(predicted)) * heun.w, 14);
    const weak = after('weak-two');
    const base = x + a(x) * h;
    const [up, down] = [b(base + b(x) * Math.sqrt(h)), b(base - b(x) * Math.sqrt(h))];
    const drift = 0.5 * (a(base + b(x) * weak.w) + a(x)) * h;
    const noise = 0.25 * (up + down + 2 * b(x)) * weak.w + (0.25 * (up - down) * (weak.w ** 2 - h)) / Math.sqrt(h);
    expect(weak.found).toBeCloseTo(x + drift + noise, 14);
  });
});

describe('multiscale schemes', () => {
  const model = modelOf(`slow: { x: { drift: -x + y^2, noise: 0.3, start: 1 } }
fast: { y: { drift: -(y - 0.5*x), noise: 1 } }
burnIn: 10
truth: { drift: { x: "-x + 0.25*x^2 + 0.5" } }`);

  // b̄ = -x + x²/4 + ½. Micro-steps of 0.1 make the variance ½/(1 - 0.05) of y: the mean drift is 0.026 too large, so x at 2 by at most 0.04.
  // 400 paths of deviation 0.35: five deviations of the mean are 0.09.
  test.each(['projective-integration', 'heterogeneous-multiscale'])('%s follows the averaged equation at a step 500 times ε', (name) => {
    const [epsilon, dt, lanes] = [1e-4, 0.05, 400];
    const equations = fullSystem(model);
    const direct = run([{ name: 'm', equations, scheme: eulerMaruyama, substeps: 1 }], { x: 1, y: 0.5 }, 40, dt, lanes, epsilon);
    expect(direct.failures.length).toBe(lanes);
    const { states, failures } = run([{ name: 'm', equations, scheme: scheme(name), substeps: 1 }], { x: 1, y: 0.5 }, 40, dt, lanes, epsilon);
    expect(failures).toEqual([]);
    let [mean, fine] = [1, 0];
    for (let k = 0; k < 20_000; k++) {
      // The mean of x² is m² + v, v the variance of x: dv/dt = 2(m/2 - 1)v + 0.09.
      [mean, fine] = [mean + 1e-4 * (-mean + 0.25 * (mean ** 2 + fine) + 0.5), fine + 1e-4 * ((mean - 2) * fine + 0.09)];
    }
    const found = states['m.x'].reduce((sum, x) => sum + x, 0) / lanes;
    expect(Math.abs(found - mean)).toBeLessThan(0.13);
    expect(multiscaleCost(dt, epsilon).speedUp).toBeGreaterThan(100);
  });

  test('where there is nothing to project, projective-integration is Euler–Maruyama at a thirtieth of the step', () => {
    const equations = fullSystem(modelOf('slow: { x: { drift: -x + y } }\nfast: { y: { drift: -(y - 0.5*x) } }'));
    const members = [
      { name: 'p', equations, scheme: scheme('projective-integration'), substeps: 1 },
      { name: 'e', equations, scheme: eulerMaruyama, substeps: 30 },
    ];
    const { states } = run(members, { x: 1, y: -1 }, 5, 1.5);
    expect(states['p.x'][0]).toBeCloseTo(states['e.x'][0], 13);
    expect(states['p.y'][0]).toBeCloseTo(states['e.y'][0], 13);
  });

  test('the burn-in is left to the micro-solver, whose step does not grow with the macro-step', () => {
    const parameters = parameterValues(model);
    const options = {
      model,
      parameters,
      epsilon: 1e-4,
      unitStep: 500,
      from: 0,
      to: 200,
      meaning: ['burn'],
      resolutions: [{ name: 'r', substeps: 1 }],
    };
    const { values, failures } = startPaths({ ...options, scheme: scheme('heterogeneous-multiscale') });
    expect(failures).toEqual([]);
    const y = (values.get('r') as ReadonlyMap<string, Float64Array>).get('y') as Float64Array;
    // Mean ½ and variance ½/0.95 of 200 samples, within five deviations.
    const mean = y.reduce((sum, value) => sum + value, 0) / 200;
    expect(Math.abs(mean - 0.5)).toBeLessThan(5 * Math.sqrt(0.526 / 200));
  });

  test('the cost model counts evaluations, the speed-up and the scale separation that is paid with', () => {
    const cost = multiscaleCost(0.1, 1e-4, { relaxation: 10, average: 20, unitStep: 0.1 });
    expect(cost.evaluations).toBeCloseTo(310, 10);
    expect(cost.directEvaluations).toBeCloseTo(1e5, 8);
    expect(cost.speedUp).toBeCloseTo(1e5 / 310, 8);
    expect(cost.effectiveEpsilon).toBeCloseTo(0.05, 12);
    expect(() => multiscaleCost(0.1, 0)).toThrow('epsilon must be positive and finite, got 0');
  });
});

describe('refusals', () => {
  const cases: readonly [string, string, string | null][] = [
    ['milstein', 'slow: { x: { drift: 0, noise: { W: z } }, z: { drift: 0, noise: { V: x } } }', 'its noise does not commute'],
    ['milstein', 'slow: { x: { drift: 0, noise: { W: x, V: 2*x } } }', null],
    ['strong-three-halves', 'slow: { x: { drift: 0, noise: x } }', 'its noise depends on the state'],
    ['strong-three-halves', 'slow: { x: { drift: 0, noise: 1 + t } }', null],
    ['weak-two', 'slow: { x: { size: 20, drift: 0, noise: 1 + sum(x)^2 } }', 'it takes at most 16 scalar processes'],
    ['stochastic-heun', 'slow: { x: { size: 40, drift: 0, noise: 1 + sum(x)^2 } }', 'it takes at most 32 scalar processes'],
    ['stochastic-heun', 'slow: { x: { size: 400, drift: 0, noise: 1 + x^2 } }', null],
    ['drift-implicit-euler', 'slow: { x: { size: 17, drift: -x } }', 'it takes at most 16 components'],
    ['split-step-euler', 'slow: { x: { size: 17, drift: -x } }', 'it takes at most 16 components'],
    ['exponential-euler', 'slow: { x: { drift: x - x^3 } }', 'no component has a linear drift of its own'],
    ['exponential-euler', 'slow: { x: { drift: y } }\nfast: { y: { drift: -(1 + x^2)*(y - x), noise: 1 } }', null],
    ['baoab', 'slow: { x: { drift: -x, noise: 1 } }', 'all variables must be pairs'],
    ['baoab', 'slow: { q: { drift: 2*v }, v: { drift: -q - v, noise: 1 } }', null],
    ['baoab', 'slow: { q: { size: 3, drift: v }, v: { size: 3, drift: "-q[i+1] - 2*v", noise: 1 } }', null],
    [
      'baoab',
      'slow: { q: { size: 3, drift: v }, v: { size: 3, drift: "-q - v[i+1]", noise: 1 } }',
      'the friction must be a constant times the own velocity',
    ],
    ['baoab', 'slow: { q: { drift: v + 1 }, v: { drift: -q - v, noise: 1 } }', 'q is in no such pair'],
    ['baoab', 'slow: { q: { drift: v }, v: { drift: -q - v^3, noise: 1 } }', 'the friction must be a constant'],
    ['baoab', 'slow: { q: { drift: v }, v: { drift: -q - v, noise: 1 + q^2 } }', 'the noise of a velocity must be constant'],
    ['baoab', 'slow: { q: { drift: v, noise: 1 }, v: { drift: -q - v } }', 'q is in no such pair'],
    ['projective-integration', 'slow: { x: { drift: -x } }', 'it needs slow and fast variables'],
    ['heterogeneous-multiscale', 'slow: { x: { drift: -x + y/sqrt(epsilon) } }\nfast: { y: { drift: -y } }', 'a slow equation reads epsilon'],
    [
      'heterogeneous-multiscale',
      'slow: { x: { drift: -x, noise: y } }\nfast: { y: { drift: -y } }',
      'the noise of a slow variable depends on fast ones',
    ],
    ['projective-integration', 'slow: { x: { drift: -x, noise: y } }\nfast: { y: { drift: -y } }', null],
  ];

  test.each(cases)('%s on %s: %s', (name, text, reason) => {
    const equations = fullSystem(modelOf(text));
    const found = scheme(name).refuses(equations);
    if (reason === null) expect(found).toBeNull();
    else {
      expect(found).toContain(reason);
      expect(() => coupledProgram({ members: [{ name: 'full', equations, scheme: scheme(name), substeps: 1 }] })).toThrow(SchemeError);
    }
  });

  test('each shipped model is stepped by all schemes but these', () => {
    const names = ['linear', 'double-well', 'multiplicative', 'coupled', 'triad', 'lorenz96', 'langevin-periodic', 'tagged-particle'];
    const folder = new URL('../../../../models', import.meta.url).pathname;
    const table = names.map((name) => {
      const path = findModel(name, [folder], { file: 'test', line: 1, column: 1 });
      const equations = fullSystem(readModel(readYaml(readFileSync(path, 'utf8'), path)));
      return [name, [...SCHEMES.values()].filter((one) => one.refuses(equations) !== null).map((one) => one.name)];
    });
    expect(Object.fromEntries(table)).toEqual({
      linear: ['baoab'],
      'double-well': ['baoab'],
      multiplicative: ['milstein', 'strong-three-halves', 'baoab', 'heterogeneous-multiscale'],
      coupled: ['baoab'],
      triad: ['baoab'],
      lorenz96: ['drift-implicit-euler', 'split-step-euler', 'exponential-euler', 'baoab'],
      'langevin-periodic': ['baoab', 'projective-integration', 'heterogeneous-multiscale'],
      'tagged-particle': ['baoab'],
    });
  });

  test('the frozen fast process of a model is Langevin where its fast variables are', () => {
    const equations = frozenFast(
      modelOf('slow: { x: { drift: q } }\nfast: { q: { drift: v }, v: { drift: x - q^3 - v, noise: 1 } }'),
      (g) => new Map([['x', g.state('frozen.x')]]),
    );
    expect(scheme('baoab').refuses(equations)).toBeNull();
  });
});

test('docs/schemes.md has a row for each scheme, with the orders of the table', () => {
  const text = readFileSync(new URL('../../../../docs/schemes.md', import.meta.url), 'utf8');
  const rows = new Map(
    [...text.matchAll(/^\| `([a-z-]+)` *\|([^\n]*)\|$/gm)].map(([, name, rest]) => [name, rest.split('|').map((cell) => cell.trim())]),
  );
  expect([...rows.keys()]).toEqual([...SCHEMES.keys()]);
  const written = (order: number | null): string => (order === null ? '–' : `${order}`);
  for (const { name, strongOrder, weakOrder, zeroNoiseOrder } of SCHEMES.values()) {
    const kinds = ['additive', 'diagonal', 'commutative', 'general'] as const;
    const cells = rows.get(name) as string[];
    expect(cells.slice(0, 3), name).toEqual([
      kinds.map((kind) => written(strongOrder[kind])).join(' / '),
      kinds.map((kind) => written(weakOrder[kind])).join(' / '),
      `${zeroNoiseOrder}`,
    ]);
  }
});

test('orders are given from the kinds that are said', () => {
  expect(orders(1, 0.5)).toEqual({ additive: 1, diagonal: 0.5, commutative: 0.5, general: 0.5 });
  expect(orders(1.5, null)).toEqual({ additive: 1.5, diagonal: null, commutative: null, general: null });
});
