/** The reference target of training programs: one node after the other, in plain loops. For reading and for tests. */
import { scalarFunction } from '../../scalar.ts';
import type { Tensor, TensorOp } from '../tensor.ts';
import type { Numbers, Precision, TrainingRun } from '../trainingKernel.ts';
import type { TrainingProgram } from '../trainingProgram.ts';

/** Makes a program runnable. Every node has an array of its own; in float32 each result is rounded when it is stored. */
export function referenceTraining(program: TrainingProgram, lanes: number, precision: Precision): TrainingRun {
  const array = (size: number): Numbers => (precision === 'float32' ? new Float32Array(size) : new Float64Array(size));
  const inputs = Object.fromEntries(program.inputs.map(({ name, shape }) => [name, array(shape.rows * shape.columns * (shape.lanes ? lanes : 1))]));
  const values = new Map<Tensor, Numbers>();
  for (const tensor of program.tensors) {
    values.set(tensor, tensor.op === 'input' ? inputs[tensor.name] : array(tensor.rows * tensor.columns * (tensor.lanes ? lanes : 1)));
    if (tensor.op === 'constant') values.get(tensor)?.set(tensor.numbers);
  }
  const arrayOf = (tensor: Tensor): Numbers => values.get(tensor) as Numbers;
  const steps = program.tensors.filter(({ op }) => op !== 'input' && op !== 'constant').map((tensor) => step(tensor, lanes, arrayOf));
  return {
    inputs,
    outputs: Object.fromEntries(program.outputs.map(({ name, tensor }) => [name, arrayOf(tensor)])),
    run: () => {
      for (const act of steps) act();
    },
  };
}

/** Where element (row, column, lane) of a tensor lies; sizes of 1 are read at every index. */
function reader(tensor: Tensor, lanes: number): (row: number, column: number, lane: number) => number {
  const [row, column] = [tensor.rows === 1 ? 0 : 1, tensor.columns === 1 ? 0 : 1];
  const [scale, lane] = tensor.lanes ? [lanes, 1] : [1, 0];
  return (r, c, l) => (r * row * tensor.columns + c * column) * scale + l * lane;
}

function step(tensor: Tensor, lanes: number, arrayOf: (tensor: Tensor) => Numbers): () => void {
  const out = arrayOf(tensor);
  const at = reader(tensor, lanes);
  const count = tensor.lanes ? lanes : 1;
  const read = tensor.inputs.map((input) => {
    const [values, place] = [arrayOf(input), reader(input, lanes)];
    return (r: number, c: number, l: number): number => values[place(r, c, l)];
  });
  /** Sets every element of the result. */
  const each = (value: (r: number, c: number, l: number) => number) => () => {
    for (let r = 0; r < tensor.rows; r++) {
      for (let c = 0; c < tensor.columns; c++) {
        for (let l = 0; l < count; l++) out[at(r, c, l)] = value(r, c, l);
      }
    }
  };
  const [a, b] = read;
  const inner = tensor.inputs[0];
  switch (tensor.op) {
    case 'gatherRows':
      return each((r, c, l) => a(tensor.numbers[r], c, l));
    case 'scatterRows':
      return () => {
        out.fill(0);
        for (const [from, to] of tensor.numbers.entries()) {
          for (let c = 0; c < tensor.columns; c++) {
            for (let l = 0; l < count; l++) out[at(to, c, l)] += a(from, c, l);
          }
        }
      };
    case 'concatenateRows': {
      const rows = tensor.inputs.flatMap((input, k) => Array.from({ length: input.rows }, (_, row) => ({ k, row })));
      return each((r, c, l) => read[rows[r].k](rows[r].row, c, l));
    }
    case 'transpose':
      return each((r, c, l) => a(c, r, l));
    case 'sumRows': {
      const size = inner.rows / tensor.rows;
      return each((r, c, l) => sum(size, (k) => a(r * size + k, c, l)));
    }
    case 'sumColumns':
      return each((r, _, l) => sum(inner.columns, (k) => a(r, k, l)));
    case 'sumLanes': {
      const groups = tensor.numbers[0];
      const size = lanes / groups;
      return each((r, c) => sum(size, (k) => (groups === 1 ? a(r, c, k) : a(0, c, r * size + k))));
    }
    case 'spreadLanes': {
      const size = lanes / tensor.numbers[0];
      return each((_, c, l) => a(Math.floor(l / size), c, 0));
    }
    case 'dense':
      return each((r, c, l) => sum(inner.columns, (k) => a(r, k, 0) * b(k, c, l)));
    case 'denseTransposed':
      return each((r, c, l) => sum(inner.rows, (k) => a(k, r, 0) * b(k, c, l)));
    case 'outer':
      return each((r, k) => sum(inner.lanes ? lanes : 1, (l) => sum(inner.columns, (c) => a(r, c, l) * b(k, c, l))));
    default: {
      const apply = ELEMENTWISE[tensor.op];
      if (apply === undefined) throw new TypeError(`op must be a primitive, got ${tensor.op}`);
      return each((r, c, l) => apply(...read.map((value) => value(r, c, l))));
    }
  }
}

function sum(count: number, term: (k: number) => number): number {
  let total = 0;
  for (let k = 0; k < count; k++) total += term(k);
  return total;
}

const bit = (truth: boolean): number => (truth ? 1 : 0);

/** What each elementwise primitive does to numbers. NaN goes through all arithmetic; a comparison with it is 0. */
const ELEMENTWISE: Partial<Record<TensorOp, (...x: number[]) => number>> = {
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  divide: (a, b) => a / b,
  maximum: Math.max,
  minimum: Math.min,
  less: (a, b) => bit(a < b),
  lessEqual: (a, b) => bit(a <= b),
  equal: (a, b) => bit(a === b),
  select: (condition, a, b) => (condition !== 0 ? a : b),
  negate: (a) => -a,
  absolute: Math.abs,
  floor: Math.floor,
  squareRoot: Math.sqrt,
  exp: scalarFunction('exp'),
  log: scalarFunction('log'),
  sin: scalarFunction('sin'),
  cos: scalarFunction('cos'),
  tanh: scalarFunction('tanh'),
  atan: scalarFunction('atan'),
  erf: scalarFunction('erf'),
  stopGradient: (a) => a,
  broadcast: (a) => a,
};
