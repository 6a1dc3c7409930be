import { afterEach, describe, expect, test, vi } from 'vitest';
import { scalarFunction } from '../scalar.ts';
import { compileTraining } from './compileTraining.ts';
import { allCases, differenceOn, fill, randomTraining } from './fixtures/agreement.ts';
import { CASES, lane } from './fixtures/cases.ts';
import { flowStep, REFERENCE_SIZES } from './fixtures/couplingFlow.ts';
import { type Tensor, tensorBuilder } from './tensor.ts';
import type { TrainingTarget } from './trainingKernel.ts';
import { trainingProgram } from './trainingProgram.ts';

/** The targets that Ergoflow compiles itself; what TensorFlow gives is held to TensorFlow's precision in its own test. */
const COMPILED: readonly TrainingTarget[] = ['native', 'wasm'];
/** Some rounding errors of each precision, in units of an output's scale. */
const CLOSE = { float32: 4e-6, float64: 1e-12 } as const;

afterEach(() => {
  vi.unstubAllEnvs();
});

describe.each(COMPILED)('%s', (target) => {
  test.each([16, 48, 512])('gives the values and derivatives of the reference for every primitive on %i lanes', (lanes) => {
    for (const precision of ['float64', 'float32'] as const) {
      const { name, difference } = differenceOn(allCases(), target, precision, lanes);
      expect(difference, `${precision}, ${name}`).toBeLessThan(CLOSE[precision]);
    }
  });

  test('has derivatives that are central differences', () => {
    const kernel = compileTraining(allCases(), { precision: 'float64', target });
    fill(kernel);
    kernel.run();
    const found = Object.fromEntries(Object.entries(kernel.outputs).map(([name, values]) => [name, Float64Array.from(values)]));
    const h = 2 ** -17;
    for (const [name, { inputs }] of Object.entries(CASES)) {
      for (const [k] of inputs.entries()) {
        const values = kernel.inputs[`${name}, x${k}`];
        for (const [j, before] of [...values].entries()) {
          const at = (x: number): number => {
            values[j] = x;
            kernel.run();
            return kernel.outputs[`${name}, loss`][0];
          };
          const difference = (at(before + h) - at(before - h)) / (2 * h);
          values[j] = before;
          expect(Math.abs(found[`${name}, d${k}`][j] - difference), `${name}, input ${k}, element ${j}`).toBeLessThan(1e-7);
        }
      }
    }
  });

  test.each([1, 2, 3])('gives the values and derivatives of the reference for random program %i', (seed) => {
    const program = randomTraining(seed, 60);
    for (const lanes of [16, 48]) {
      const { name, difference } = differenceOn(program, target, 'float64', lanes);
      expect(difference, `${lanes} lanes, ${name}`).toBeLessThan(CLOSE.float64);
    }
  });

  test.each(['tanh', 'relu'] as const)('takes the step of the reference for a flow of couplings with %s', (activation) => {
    const sizes = { ...REFERENCE_SIZES, layers: 2, hidden: 13, nodes: 21, lanes: 48, activation };
    const program = flowStep(sizes);
    for (const precision of ['float64', 'float32'] as const) {
      const kernels = [
        compileTraining(program, { lanes: 48, precision, target }),
        compileTraining(program, { lanes: 48, precision: 'float64', target: 'reference' }),
      ];
      for (const kernel of kernels) {
        fill(kernel, (x) => Math.fround(0.3 * x));
        // Second moments are positive.
        for (const [name, values] of Object.entries(kernel.inputs)) if (name.startsWith('v ')) values.fill(0.25);
        kernel.run();
      }
      const [found, expected] = kernels.map(({ outputs }) => outputs);
      for (const [name, values] of Object.entries(expected)) {
        const scale = Math.max(...Float64Array.from(values, Math.abs));
        for (const [k, value] of values.entries()) {
          expect(Math.abs(found[name][k] - value) / scale, `${precision}, ${name}[${k}]`).toBeLessThan(CLOSE[precision]);
        }
      }
    }
  });

  const FUNCTIONS = ['exp', 'log', 'sin', 'cos', 'tanh', 'atan', 'erf'] as const;
  const functions = () => {
    const g = tensorBuilder();
    const x = g.input('x', lane(1));
    const [two, one] = [g.constant(2), g.constant(1)];
    const outputs: Record<string, Tensor> = Object.fromEntries(FUNCTIONS.map((name) => [name, g[name](x)]));
    return trainingProgram({
      ...outputs,
      maximum: g.maximum(x, one),
      'maximum from the left': g.maximum(one, x),
      minimum: g.minimum(x, one),
      'minimum from the left': g.minimum(one, x),
      less: g.less(x, one),
      lessEqual: g.lessEqual(x, one),
      equal: g.equal(x, x),
      select: g.select(x, one, two),
      squareRoot: g.squareRoot(x),
      floor: g.floor(x),
      absolute: g.absolute(x),
      divide: g.divide(one, x),
      multiply: g.multiply(x, g.constant(0)),
    });
  };

  test.each(['float32', 'float64'] as const)('lets NaN and infinities mean what they mean in %s', (precision) => {
    const [tiny, huge] = precision === 'float32' ? [2 ** -140, 3e38] : [2 ** -1060, 1e308];
    const values = [Number.NaN, 1 / 0, -1 / 0, 0, -0, tiny, -tiny, huge, -huge, 0.5, -0.5, 1, 88.6, -103, 1000, -1000];
    const [kernel, expected] = [target, 'reference' as const].map((name) => compileTraining(functions(), { precision, target: name }));
    for (const each of [kernel, expected]) {
      each.inputs.x.set(values);
      each.run();
    }
    for (const [name, list] of Object.entries(expected.outputs)) {
      for (const [k, value] of list.entries()) {
        const found = kernel.outputs[name][k];
        const message = `${name} of ${values[k]}: ${found}, not ${value}`;
        if (!Number.isFinite(value)) expect(found, message).toBe(value);
        // Of an argument whose neighbour is a turn away nothing is left but that it is a sine.
        else if (Math.abs(values[k]) === huge && (name === 'sin' || name === 'cos')) expect(Math.abs(found), message).toBeLessThanOrEqual(1);
        else expect(Math.abs(found - value), message).toBeLessThanOrEqual((precision === 'float32' ? 1e-6 : 1e-14) * Math.max(tiny, Math.abs(value)));
      }
    }
  });

  /** Domain and largest error in units of the last place, as functions32.ts says. */
  const BOUNDS: Readonly<Record<string, readonly [low: number, high: number, units: number]>> = {
    exp: [-87, 88, 2],
    log: [1e-6, 50, 2],
    sin: [-50, 50, 2],
    cos: [-50, 50, 2],
    tanh: [-12, 12, 6],
    atan: [-12, 12, 3],
    erf: [-12, 12, 3],
  };

  test.each(FUNCTIONS)('has a %s in float32 within its bound', (name) => {
    const lanes = 8192;
    const kernel = compileTraining(functions(), { lanes, target });
    const [low, high, units] = BOUNDS[name];
    kernel.inputs.x.set(Float32Array.from({ length: lanes }, (_, k) => low + ((high - low) * (k + 0.37)) / lanes));
    kernel.run();
    let worst = 0;
    for (const [k, found] of kernel.outputs[name].entries()) {
      const value = scalarFunction(name)(kernel.inputs.x[k]);
      // Near a zero of a sine the unit is that of numbers of size 1/16.
      const size = name === 'sin' || name === 'cos' ? Math.max(Math.abs(value), 1 / 16) : Math.abs(value);
      worst = Math.max(worst, Math.abs(found - value) / 2 ** (Math.floor(Math.log2(size)) - 23));
    }
    expect(worst).toBeLessThan(units);
  });
});

test('a missing compiler gives way to wasm, and says so', () => {
  vi.stubEnv('ERGOFLOW_CC', '/nowhere/cc');
  const { target, fallback } = compileTraining(allCases());
  expect(target).toBe('wasm');
  expect(fallback).toMatch(/ERGOFLOW_CC names no program/);
});
