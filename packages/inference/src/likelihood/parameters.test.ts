/** Transforms of learned parameters and priors along them: against each other, quadrature and central differences. */
import { documentOf } from '@ergoflow/input';
import { compileTraining, tensorBuilder, trainingProgram } from '@ergoflow/kernels';
import { parameterValues, readModel } from '@ergoflow/sde';
import { describe, expect, it } from 'vitest';
import { freeOf, learnedParameters, parameterAt, priorLogDensity, transformed } from './parameters.ts';

/** Each family with its mean in closed form. */
const FAMILIES: Readonly<Record<string, number>> = {
  'normal(1, 2)': 1,
  'lognormal(0.2, 0.5)': Math.exp(0.2 + 0.125),
  'uniform(-1, 3)': 1,
  'loguniform(0.5, 2)': 1.5 / Math.log(4),
  'gamma(3, 0.5)': 1.5,
  'beta(2, 3)': 0.4,
  'exponential(2)': 0.5,
  'halfnormal(1.5)': 1.5 * Math.sqrt(2 / Math.PI),
};

const learned = (text: string) => {
  const model = readModel(
    documentOf({
      slow: { x: { drift: 'p*y - x', noise: 1 } },
      fast: { y: { drift: '-y', noise: 1 } },
      parameters: { p: { value: 0.7, learn: true, prior: text } },
    } as never),
  );
  return learnedParameters(model, parameterValues(model))[0];
};

/** θ and ln p(θ) |dθ/du| at many u. */
function alongTheLine(text: string, us: readonly number[]): { theta: number[]; density: number[] } {
  const { transform, prior } = learned(text);
  const g = tensorBuilder();
  const { value, logSlope } = transformed(g, transform, g.input('u', { lanes: false, rows: 1, columns: 1 }));
  if (prior === null) throw new Error('there is a prior');
  const kernel = compileTraining(
    trainingProgram({ value, density: g.add(g.add(priorLogDensity(g, prior, value), logSlope), g.multiply(g.constant(0), value)) }),
    {
      precision: 'float64',
      target: 'reference',
    },
  );
  const theta: number[] = [];
  const density: number[] = [];
  for (const u of us) {
    kernel.inputs.u[0] = u;
    kernel.run();
    theta.push(kernel.outputs.value[0]);
    density.push(Math.exp(kernel.outputs.density[0]));
  }
  return { theta, density };
}

describe('a learned parameter', () => {
  it.each(Object.keys(FAMILIES))('%s has its prior along the free number: the mean is the closed one', (text) => {
    const us = Array.from({ length: 8001 }, (_, k) => -40 + k * 0.01);
    const { theta, density } = alongTheLine(text, us);
    const total = density.reduce((sum, p) => sum + p, 0);
    const mean = density.reduce((sum, p, k) => sum + p * theta[k], 0) / total;
    expect(Math.abs(mean - FAMILIES[text])).toBeLessThan(1e-5);
  });

  it.each(Object.keys(FAMILIES))('%s comes back from its free number, in the graph too', (text) => {
    const { transform, start } = learned(text);
    expect(parameterAt(transform, start)).toBeCloseTo(0.7, 12);
    expect(freeOf(transform, parameterAt(transform, start + 0.3))).toBeCloseTo(start + 0.3, 12);
    expect(alongTheLine(text, [start]).theta[0]).toBeCloseTo(0.7, 12);
  });

  it('without a prior keeps the sign of a positive start and is free otherwise', () => {
    const at = (value: number) => {
      const model = readModel(
        documentOf({
          slow: { x: { drift: 'p*y - x', noise: 1 } },
          fast: { y: { drift: '-y', noise: 1 } },
          parameters: { p: { value, learn: true } },
        } as never),
      );
      return learnedParameters(model, parameterValues(model))[0];
    };
    expect(at(2).transform.kind).toBe('exp');
    expect(at(-2).transform.kind).toBe('identity');
    expect(at(0).transform.kind).toBe('identity');
  });

  it('must not start on the edge of its support', () => {
    const model = readModel(
      documentOf({
        slow: { x: { drift: 'p*y - x', noise: 1 } },
        fast: { y: { drift: '-y', noise: 1 } },
        parameters: { p: { value: 1, learn: true, prior: 'uniform(0, 1)' } },
      } as never),
    );
    expect(() => learnedParameters(model, parameterValues(model))).toThrow("inside of its prior's support, got 1");
  });
});
