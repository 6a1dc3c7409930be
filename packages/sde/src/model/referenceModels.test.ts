import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readYaml, readYamlFile } from '@ergoflow/input';
import { compile, type Expression, graphBuilder, lower, program } from '@ergoflow/kernels';
import { describe, expect, test } from 'vitest';
import type { Model, Variable } from './model.ts';
import { parameterValues } from './parameters.ts';
import { readModel } from './readModel.ts';

const folder = fileURLToPath(new URL('../../../../models/', import.meta.url));
const NAMES = ['coupled', 'double-well', 'langevin-periodic', 'linear', 'lorenz96', 'multiplicative', 'tagged-particle', 'triad'];
const load = (name: string): Model => readModel(readYamlFile(`${folder}${name}.yaml`));

/** Values by name: one number per lane and component, components contiguous in lanes; a plain list is one lane. */
type Point = Readonly<Record<string, ArrayLike<number>>>;

/** [size × lanes] An expression of a model at points. */
function at(
  model: Model,
  expression: Expression,
  point: Point,
  lanes = 1,
  size?: number,
  overrides: ReadonlyMap<string, number> = new Map(),
): Float64Array {
  const values = new Map<string, ArrayLike<number>>(
    [...parameterValues(model, overrides)].map(([name, value]) => [name, new Float64Array(lanes).fill(value)]),
  );
  for (const [name, value] of Object.entries(point)) values.set(name, value);
  const sizes = new Map([...model.slow, ...model.fast].filter(({ vector }) => vector).map((variable) => [variable.name, variable.size]));
  const g = graphBuilder();
  const lookup = (name: string) => (values.has(name) ? g.state(name, sizes.get(name) ?? 1) : undefined);
  const node = lower(expression, g, { lookup, sizeOf: (name) => sizes.get(name), known: values.keys() }, size === undefined ? undefined : { size });
  const states = [...values].map(([name, value]) => ({ name, width: value.length / lanes, next: null }));
  const kernel = compile(program([...states, { name: 'out', width: size ?? 1, next: node }]));
  const out = new Float64Array((size ?? 1) * lanes);
  const arrays = Object.fromEntries([...values].map(([name, value]) => [name, Float64Array.from(value)]));
  kernel.run({ lanes, steps: 1, firstStep: 0, uniforms: {}, states: { ...arrays, out }, streams: {} });
  return out;
}

const known = (expression: Expression | 'unknown'): Expression => {
  if (expression === 'unknown') throw new TypeError('the equation must be known');
  return expression;
};
const drift = (variable: Variable): Expression => known(variable.drift);
const noise = (variable: Variable): Expression => (variable.noise === 'unknown' ? known('unknown') : variable.noise[0].coefficients[0]);
const truthOf = (model: Model, x: number): number => at(model, model.truth?.drift.get('x')?.[0] as Expression, { x: [x] })[0];

/** The trapezoidal rule for a normal law: exact to 1e-13 for entire functions of moderate growth. */
function normalNodes(mean: number, variance: number): { y: Float64Array; weight: Float64Array } {
  const y = Float64Array.from({ length: 401 }, (_, k) => mean + Math.sqrt(variance) * (k - 200) * 0.06);
  const density = y.map((v) => Math.exp(-((v - mean) ** 2) / (2 * variance)));
  const total = density.reduce((sum, d) => sum + d, 0);
  return { y, weight: density.map((d) => d / total) };
}

const average = (values: ArrayLike<number>, weight: Float64Array): number => weight.reduce((sum, w, k) => sum + w * values[k], 0);
const fill = (x: number, lanes: number): Float64Array => new Float64Array(lanes).fill(x);
const XS = [-1.7, -0.6, 0.3, 1.1];

describe('the shipped models', () => {
  test('are the eight of the documentation, each named as its file', () => {
    const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));
    expect(files.sort()).toEqual(NAMES.map((name) => `${name}.yaml`));
    for (const name of NAMES) expect(load(name).name).toBe(name);
  });

  test('need no rule beyond YAML: commas within parentheses stand in quotes', () => {
    for (const name of NAMES) {
      const text = readFileSync(`${folder}${name}.yaml`, 'utf8').replace(/"[^"\n]*"|#.*/g, '');
      expect(text.replace(/^[^{\n]*$/gm, '')).not.toMatch(/\([^()]*,/);
    }
  });

  // One fast variable with a normal law: the law solves β = (α²/2)(log π)′, and truth is the average of the model's own b and σ² over it.
  test.each([
    ['linear', (x: number) => 0.5 * x, (_: number) => 0.5],
    ['multiplicative', (_: number) => 0, (_: number) => 0.5],
    ['coupled', (x: number) => x, (x: number) => 0.125 / (1 + x * x)],
  ])('%s: the truth is the average over the invariant law of its fast equation', (name, mean, variance) => {
    const model = load(name);
    const [slow, fast] = [model.slow[0], model.fast[0]];
    for (const x of XS) {
      const { y, weight } = normalNodes(mean(x), variance(x));
      const point = { x: fill(x, y.length), y };
      const alpha = at(model, noise(fast), point, y.length);
      const beta = at(model, drift(fast), point, y.length);
      for (let k = 0; k < y.length; k++) expect(beta[k]).toBeCloseTo((-(alpha[k] ** 2) / 2) * ((y[k] - mean(x)) / variance(x)), 10);
      expect(truthOf(model, x)).toBeCloseTo(average(at(model, drift(slow), point, y.length), weight), 11);
      const diffusion = model.truth?.diffusion?.get('x')?.[0];
      if (diffusion === undefined) continue;
      const sigma = at(model, noise(slow), point, y.length);
      expect(at(model, diffusion, { x: [x] })[0]).toBeCloseTo(
        average(
          sigma.map((s) => s * s),
          weight,
        ),
        11,
      );
    }
  });

  test('double-well: the fast equations are minus the gradient of V, and kappa is the average over exp(-V), found another way', () => {
    const model = load('double-well');
    const V = ([a, b, c, d]: readonly number[]): number =>
      a ** 2 / 2 + c ** 2 / 2 + b ** 4 / 4 - b ** 2 / 2 + d ** 4 / 4 - d ** 2 / 2 + 0.2 * (a * b + b * c + c * d);
    for (const point of [
      [0.3, -1.2, 0.7, 0.4],
      [-1, 0.5, 2, -1.5],
    ]) {
      const [y1, y2, y3, y4] = point.map((value) => [value]);
      for (const [k, variable] of model.fast.entries()) {
        const moved = (by: number): number => V(point.map((value, j) => (j === k ? value + by : value)));
        const gradient = (moved(1e-4) - moved(-1e-4)) / 2e-4;
        expect(at(model, drift(variable), { x: [0], y1, y2, y3, y4 })[0]).toBeCloseTo(-gradient, 6);
        expect(at(model, noise(variable), {})[0] ** 2).toBeCloseTo(2, 14);
      }
    }
    // 1/A = ∫ e^(-sA) ds; over y1 and y3 the rest is Gaussian, over s the double-exponential rule, over y2 and y4 the trapezoidal one.
    const grid = Array.from({ length: 161 }, (_, k) => (k - 80) * 0.06);
    const moment = (s: number): number => {
      let sum = 0;
      for (const y2 of grid) {
        for (const y4 of grid) {
          const gaussian = (0.04 * (y2 ** 2 + (y2 + y4) ** 2)) / (4 * (0.5 + s));
          sum += Math.exp(gaussian - s * (y2 ** 2 + y4 ** 4) - (y2 ** 4 - 2 * y2 ** 2 + y4 ** 4 - 2 * y4 ** 2) / 4);
        }
      }
      return sum / (0.5 + s);
    };
    let kappa = 0;
    const h = 0.07;
    for (let t = -3.5; t <= 2; t += h) {
      const s = Math.exp((Math.PI / 2) * Math.sinh(t));
      if (s < 45) kappa += h * (Math.PI / 2) * Math.cosh(t) * s * Math.exp(-s) * moment(s);
    }
    kappa /= moment(0);
    for (const x of XS) expect(truthOf(model, x)).toBeCloseTo(kappa * (2 * x - x ** 3), 10);
  });

  test("triad: the truth is the covariance that the model's own fast equations have, and energy is conserved", () => {
    const model = load('triad');
    const [y1, y2] = model.fast;
    const p = parameterValues(model);
    expect((p.get('b1') as number) + (p.get('b2') as number) + (p.get('b3') as number)).toBe(0);
    for (const x of XS) {
      // dY = M Y dt + S dW: read M off the equations, then solve M C + C Mᵀ + S Sᵀ = 0 for (C11, C12, C22) by Cramer's rule.
      const column = (a: number, b: number): number[] => [y1, y2].map((v) => at(model, drift(v), { x: [x], y1: [a], y2: [b] })[0]);
      const [[m11, m21], [m12, m22]] = [column(1, 0), column(0, 1)];
      const [s1, s2] = [y1, y2].map((v) => at(model, noise(v), {})[0]);
      const A = [
        [2 * m11, 2 * m12, 0],
        [m21, m11 + m22, m12],
        [0, 2 * m21, 2 * m22],
      ];
      const rhs = [-(s1 ** 2), 0, -(s2 ** 2)];
      const det = (m: number[][]): number =>
        m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) -
        m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]) +
        m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
      const c12 = det(A.map((row, k) => [row[0], rhs[k], row[2]])) / det(A);
      const b = (a: number, c: number): number => at(model, drift(model.slow[0]), { x: [x], y1: [a], y2: [c] })[0];
      expect(truthOf(model, x)).toBeCloseTo((b(1, 1) - b(0, 0)) * c12 + b(0, 0), 12);
    }
    expect([-0.5, 0, 0.5].map((x) => truthOf(model, x))).toEqual([0, 0, 0].map((zero) => expect.closeTo(zero, 12)));
  });

  test('tagged-particle: the solvent has the Gaussian law of the comment, and the truth is the average force under it', () => {
    const model = load('tagged-particle');
    const [slow, fast] = [model.slow[0], model.fast[0]];
    // The drift is -P y/2 with the precision matrix P (noise 1): its inverse's diagonal by the eigenvalues 1 and 1 - q of P/2.
    const unit = Float64Array.from({ length: 10 }, (_, k) => (k === 0 ? 1 : 0));
    const row = at(model, drift(fast), { x: [0], y: unit }, 1, 10);
    const [diagonal, other] = [-row[0], -row[1]];
    const variance = 0.5 * (0.1 / (diagonal + 9 * other) + 0.9 / (diagonal - other));
    expect(variance).toBeCloseTo(0.6125, 12);
    expect(parameterValues(model).get('v')).toBeCloseTo(variance, 12);
    for (const x of XS) {
      const { y, weight } = normalNodes(0, variance);
      // b is a sum over exchangeable particles: all ten at one place give ten times the force of one.
      const all = Float64Array.from({ length: 10 * y.length }, (_, k) => y[k % y.length]);
      const force = at(model, drift(slow), { x: fill(x, y.length), y: all }, y.length);
      expect(truthOf(model, x)).toBeCloseTo(average(force, weight), 11);
    }
  });

  test('langevin-periodic: y is x over the root of epsilon, and the limit is slowed down as published', () => {
    const model = load('langevin-periodic');
    const [slow, fast] = [model.slow[0], model.fast[0]];
    expect(model.processes).toEqual([{ name: 'W', size: 1, group: 'shared' }]);
    for (const epsilon of [0.1, 0.003]) {
      for (const x of XS) {
        const point = { x: [x], y: [x / Math.sqrt(epsilon)], epsilon: [epsilon] };
        // d(x/√ε): b/√ε must be β/ε.
        expect(at(model, drift(fast), point)[0] / epsilon).toBeCloseTo(at(model, drift(slow), point)[0] / Math.sqrt(epsilon), 8);
      }
    }
    // Abdulle, Garegnani, Pavliotis, Stuart & Zanoni (2023): p = cos, α = 1.
    for (const [s, K, diffusion] of [
      [0.5, 0.19244, 0.09622],
      [0.7, 0.40104, 0.28073],
      [1, 0.62386, 0.62386],
    ]) {
      const overrides = new Map([['s', s]]);
      expect(at(model, model.truth?.drift.get('x')?.[0] as Expression, { x: [-1] }, 1, undefined, overrides)[0]).toBeCloseTo(K, 5);
      expect(at(model, model.truth?.diffusion?.get('x')?.[0] as Expression, { x: [-1] }, 1, undefined, overrides)[0] / 2).toBeCloseTo(diffusion, 5);
    }
  });

  test('lorenz96: the equations are those of two rings, written out in loops', () => {
    const model = load('lorenz96');
    const x = Float64Array.from({ length: 8 }, (_, k) => Math.sin(3 * k + 1) * 4);
    const y = Float64Array.from({ length: 256 }, (_, k) => Math.cos(7 * k) * 0.6);
    const X = (k: number): number => x[(k + 8) % 8];
    const Y = (k: number): number => y[(k + 256) % 256];
    const slow = at(model, drift(model.slow[0]), { x, y }, 1, 8);
    const fast = at(model, drift(model.fast[0]), { x, y }, 1, 256);
    for (let k = 0; k < 8; k++) {
      let block = 0;
      for (let j = 0; j < 32; j++) block += y[32 * k + j];
      expect(slow[k]).toBeCloseTo(-X(k - 1) * (X(k - 2) - X(k + 1)) - X(k) + 10 - (0.8 * block) / 32, 10);
    }
    for (let j = 0; j < 256; j++) expect(fast[j]).toBeCloseTo(-Y(j + 1) * (Y(j + 2) - Y(j - 1)) - Y(j) + x[Math.floor(j / 32)], 10);
    expect(model.truth).toBeUndefined();
  });
});

test('every model in docs/models.md reads', () => {
  const text = readFileSync(new URL('../../../../docs/models.md', import.meta.url), 'utf8');
  const blocks = [...text.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, block]) => block);
  expect(blocks.length).toBeGreaterThanOrEqual(8);
  for (const [k, block] of blocks.entries()) expect(() => readModel(readYaml(block, `block ${k + 1}`)), block).not.toThrow();
});
