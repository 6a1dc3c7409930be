/** The training graph's primitives on the reference target: values by hand-written loops, gradients against central differences. */
import { describe, expect, it } from 'vitest';
import { compileTraining } from './compileTraining.ts';
import { CASES, LANES, lane, shared, spread, weighted } from './fixtures/cases.ts';
import { gradient } from './gradient.ts';
import { tensorBuilder } from './tensor.ts';
import { trainingProgram } from './trainingProgram.ts';

describe('gradient', () => {
  it.each(Object.keys(CASES))('of %s is the central difference', (name) => {
    const { inputs, build } = CASES[name];
    const g = tensorBuilder();
    const tensors = inputs.map((shape, k) => g.input(`x${k}`, shape));
    const loss = weighted(g, build(g, ...tensors));
    const parts = gradient(g, loss, tensors);
    const program = trainingProgram({ loss, ...Object.fromEntries(parts.map((part, k) => [`d${k}`, part])) });
    const kernel = compileTraining(program, { lanes: LANES, precision: 'float64', target: 'reference' });
    kernel.inputs.weight?.set(spread(LANES, 0.7));
    const given = inputs.map((_, k) => kernel.inputs[`x${k}`]);
    for (const [k, values] of given.entries()) values?.set(spread(values.length, 0.1 + 0.3 * k));
    kernel.run();
    const found = given.map((_, k) => Float64Array.from(kernel.outputs[`d${k}`]));
    const h = 2 ** -17;
    for (const [k, values] of given.entries()) {
      for (let j = 0; j < (values?.length ?? 0); j++) {
        const before = values[j];
        const at = (x: number): number => {
          values[j] = x;
          kernel.run();
          return kernel.outputs.loss[0];
        };
        const difference = (at(before + h) - at(before - h)) / (2 * h);
        values[j] = before;
        expect(Math.abs(found[k][j] - difference), `input ${k}, element ${j}`).toBeLessThan(1e-7);
      }
    }
  });

  it('is zero where the loss does not depend on the input, or only through a stop', () => {
    const g = tensorBuilder();
    const [a, b] = [g.input('a', lane(2)), g.input('b', shared(2))];
    const loss = g.sumLanes(g.sumRows(g.multiply(g.stopGradient(g.exp(a)), g.constant(2))));
    const [da, db] = gradient(g, loss, [a, b]);
    const kernel = compileTraining(trainingProgram({ da, db }), { precision: 'float64', target: 'reference' });
    kernel.run();
    expect([...kernel.outputs.da, ...kernel.outputs.db].every((x) => x === 0)).toBe(true);
  });

  it('of a gradient is the second derivative', () => {
    const g = tensorBuilder();
    const x = g.input('x', shared(1));
    const [first] = gradient(g, g.multiply(g.exp(x), g.sin(x)), [x]);
    const [second] = gradient(g, first, [x]);
    const kernel = compileTraining(trainingProgram({ second }), { precision: 'float64', target: 'reference' });
    kernel.inputs.x[0] = 0.7;
    kernel.run();
    expect(kernel.outputs.second[0]).toBeCloseTo(2 * Math.exp(0.7) * Math.cos(0.7), 12);
  });
});

describe('a training graph', () => {
  it('shares equal expressions', () => {
    const g = tensorBuilder();
    const x = g.input('x', lane(2));
    expect(g.exp(x)).toBe(g.exp(x));
    expect(g.multiply(x, g.constant(1))).toBe(x);
  });

  it('refuses shapes that do not fit', () => {
    const g = tensorBuilder();
    expect(() => g.add(g.input('a', lane(2)), g.input('b', lane(3)))).toThrow('inputs of add must be 1 or 3');
    expect(() => g.dense(g.input('w', shared(2, 3)), g.input('x', lane(2)))).toThrow('must fit 2 rows, got 3');
    expect(() => gradient(g, g.input('a', lane(2)), [])).toThrow('one number');
    expect(() => compileTraining(trainingProgram({ a: g.input('a', lane(2)) }), { lanes: 20 })).toThrow(
      'lanes must be a positive multiple of 16, got 20',
    );
  });
});
