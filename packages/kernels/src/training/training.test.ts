/** The training graph's primitives on the reference target: values by hand-written loops, gradients against central differences. */
import { describe, expect, it } from 'vitest';
import { compileTraining } from './compileTraining.ts';
import { gradient } from './gradient.ts';
import { type Shape, type Tensor, type TensorBuilder, tensorBuilder } from './tensor.ts';
import { trainingProgram } from './trainingProgram.ts';

const LANES = 16;

/** Numbers without pattern, of both signs, away from 0 and from each other. */
function spread(count: number, phase: number): Float64Array {
  return Float64Array.from({ length: count }, (_, k) => {
    const turn = (k + 1) * 0.618033988749895 + phase;
    return 3 * (turn - Math.floor(turn)) - 1.45;
  });
}

const lane = (rows: number, columns = 1): Shape => ({ lanes: true, rows, columns });
const shared = (rows: number, columns = 1): Shape => ({ lanes: false, rows, columns });
const positive = (g: TensorBuilder, x: Tensor): Tensor => g.add(g.multiply(x, x), g.constant(0.3));

/** Each primitive, with the shapes of what it is given. */
const CASES: Readonly<Record<string, { inputs: readonly Shape[]; build: (g: TensorBuilder, ...x: Tensor[]) => Tensor }>> = {
  add: { inputs: [lane(3), shared(3, 4)], build: (g, a, b) => g.add(a, b) },
  subtract: { inputs: [shared(1, 4), lane(3)], build: (g, a, b) => g.subtract(a, b) },
  multiply: { inputs: [lane(3, 4), shared(3)], build: (g, a, b) => g.multiply(a, b) },
  divide: { inputs: [lane(3), shared(1, 2)], build: (g, a, b) => g.divide(a, positive(g, b)) },
  maximum: { inputs: [lane(3), shared(3)], build: (g, a, b) => g.maximum(a, b) },
  minimum: { inputs: [lane(3), lane(1, 2)], build: (g, a, b) => g.minimum(a, b) },
  select: { inputs: [lane(3), lane(3), shared(1)], build: (g, a, b, c) => g.select(g.less(a, g.constant(0)), b, c) },
  negate: { inputs: [lane(3)], build: (g, a) => g.negate(a) },
  absolute: { inputs: [lane(3)], build: (g, a) => g.absolute(a) },
  squareRoot: { inputs: [lane(3)], build: (g, a) => g.squareRoot(positive(g, a)) },
  exp: { inputs: [lane(3)], build: (g, a) => g.exp(a) },
  log: { inputs: [lane(3)], build: (g, a) => g.log(positive(g, a)) },
  sin: { inputs: [lane(3)], build: (g, a) => g.sin(a) },
  cos: { inputs: [lane(3)], build: (g, a) => g.cos(a) },
  tanh: { inputs: [lane(3)], build: (g, a) => g.tanh(a) },
  atan: { inputs: [lane(3)], build: (g, a) => g.atan(a) },
  erf: { inputs: [lane(3)], build: (g, a) => g.erf(a) },
  gatherRows: { inputs: [lane(3, 2)], build: (g, a) => g.gatherRows(a, [2, 0, 2, 1]) },
  scatterRows: { inputs: [lane(3, 2)], build: (g, a) => g.scatterRows(a, [1, 4, 1], 5) },
  concatenateRows: { inputs: [lane(2, 2), shared(3, 2)], build: (g, a, b) => g.concatenateRows([a, b]) },
  transpose: { inputs: [lane(3, 2)], build: (g, a) => g.transpose(a) },
  broadcast: { inputs: [shared(3)], build: (g, a) => g.broadcast(a, lane(3, 2)) },
  sumRows: { inputs: [lane(6, 2)], build: (g, a) => g.sumRows(a, 3) },
  'sumRows of all': { inputs: [lane(6, 2)], build: (g, a) => g.sumRows(a) },
  sumColumns: { inputs: [lane(2, 5)], build: (g, a) => g.sumColumns(a) },
  sumLanes: { inputs: [lane(2, 3)], build: (g, a) => g.sumLanes(a) },
  'sumLanes by groups': { inputs: [lane(1, 3)], build: (g, a) => g.sumLanes(a, 4) },
  spreadLanes: { inputs: [shared(4, 3)], build: (g, a) => g.spreadLanes(a) },
  dense: { inputs: [shared(4, 3), lane(3, 2)], build: (g, w, x) => g.dense(w, x) },
  denseTransposed: { inputs: [shared(3, 4), lane(3)], build: (g, w, x) => g.denseTransposed(w, x) },
  'dense on shared': { inputs: [shared(4, 3), shared(3)], build: (g, w, x) => g.dense(w, x) },
  outer: { inputs: [lane(3, 2), lane(2, 2)], build: (g, a, b) => g.outer(a, b) },
};

/** A number that depends on every element of a tensor in a way of its own. */
function weighted(g: TensorBuilder, tensor: Tensor): Tensor {
  const weights = g.constant([...spread(tensor.rows * tensor.columns, 0.2)], tensor.rows, tensor.columns);
  const term = g.multiply(g.sin(tensor), weights);
  const perLane = g.sumColumns(g.sumRows(tensor.lanes ? g.multiply(term, g.input('weight', lane(1))) : term));
  return perLane.lanes ? g.sumLanes(perLane) : perLane;
}

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
