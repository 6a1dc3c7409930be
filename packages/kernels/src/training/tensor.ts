/**
 * The training graph: values of many samples at once, as nodes over a few primitives that can all be differentiated.
 *
 * A tensor has rows and columns, and is either shared or has one such matrix for each *lane* (a lane is a sample). Weights, data and results are
 * shared; sums over lanes lead from samples to results. Elementwise nodes broadcast: a size of 1, and a shared tensor, fit everything.
 * Truth values are the numbers 0 and 1. Nodes are hash-consed: equal expressions are one node.
 */
import type { CustomFunction } from './customFunction.ts';

/** The primitives. */
export type TensorOp =
  // leaves
  | 'constant' // payload: the values, row by row
  | 'input' // payload: the name
  // elementwise
  | 'add'
  | 'subtract'
  | 'multiply'
  | 'divide'
  | 'maximum'
  | 'minimum'
  | 'less' // 1 where a < b, else 0; so are the next two
  | 'lessEqual'
  | 'equal'
  | 'select' // (condition, a, b): a where the condition is not 0, else b
  | 'negate'
  | 'absolute'
  | 'floor'
  | 'squareRoot'
  | 'exp'
  | 'log'
  | 'sin'
  | 'cos'
  | 'tanh'
  | 'atan'
  | 'erf'
  | 'stopGradient' // the value itself, a constant to differentiation
  // between elements
  | 'gatherRows' // payload: for each row of the result, the row of the input
  | 'scatterRows' // payload: for each row of the input, the row of the result that it is added to
  | 'concatenateRows'
  | 'transpose' // rows and columns change places
  | 'broadcast' // to the node's own shape
  // sums
  | 'sumRows' // payload: the number of groups; sums of equal consecutive blocks of rows
  | 'sumColumns'
  | 'sumLanes' // payload: the number of groups; sums of equal consecutive blocks of lanes, a row each (one row goes in, if there are several)
  | 'spreadLanes' // (x): lane l takes the row of its group, the adjoint of sumLanes
  // matrices
  | 'dense' // (W, x): W x for each lane; W shared [r × k], x [k × c]
  | 'denseTransposed' // (W, x): Wᵀ x
  | 'outer' // (a, b): Σ over lanes of a bᵀ; a [r × c], b [k × c], shared [r × k]
  // a user's own
  | 'custom'; // payload: the function, its number in this graph, which of its results; runs on the target tensorflow only

/** What a tensor's elements are arranged in. */
export interface Shape {
  /** True if there is one matrix for each lane. */
  readonly lanes: boolean;
  readonly rows: number;
  readonly columns: number;
}

/** One value of the graph; made by {@link TensorBuilder} only. */
export interface Tensor extends Shape {
  /** Position in the order of creation; inputs have smaller ones. */
  readonly id: number;
  readonly op: TensorOp;
  readonly inputs: readonly Tensor[];
  /** Values of a constant, indices of a gather or scatter, the number of groups of a sum. */
  readonly numbers: readonly number[];
  /** Name of an input or a custom function. */
  readonly name: string;
  /** Null for all but `custom`. */
  readonly custom: CustomFunction | null;
}

/** Makes tensors; one builder holds one graph. The same call gives the same tensor. */
export interface TensorBuilder {
  /** One number, or rows × columns of them, row by row. */
  constant(values: number | readonly number[], rows?: number, columns?: number): Tensor;
  /** A value given at each run. */
  input(name: string, shape: Shape): Tensor;
  add(a: Tensor, b: Tensor): Tensor;
  subtract(a: Tensor, b: Tensor): Tensor;
  multiply(a: Tensor, b: Tensor): Tensor;
  divide(a: Tensor, b: Tensor): Tensor;
  maximum(a: Tensor, b: Tensor): Tensor;
  minimum(a: Tensor, b: Tensor): Tensor;
  less(a: Tensor, b: Tensor): Tensor;
  lessEqual(a: Tensor, b: Tensor): Tensor;
  equal(a: Tensor, b: Tensor): Tensor;
  /** Both branches are computed, and differentiated: a branch that is not taken must still be finite (take a safe argument first). */
  select(condition: Tensor, a: Tensor, b: Tensor): Tensor;
  negate(a: Tensor): Tensor;
  absolute(a: Tensor): Tensor;
  floor(a: Tensor): Tensor;
  squareRoot(a: Tensor): Tensor;
  exp(a: Tensor): Tensor;
  log(a: Tensor): Tensor;
  sin(a: Tensor): Tensor;
  cos(a: Tensor): Tensor;
  tanh(a: Tensor): Tensor;
  atan(a: Tensor): Tensor;
  erf(a: Tensor): Tensor;
  stopGradient(a: Tensor): Tensor;
  gatherRows(a: Tensor, indices: readonly number[]): Tensor;
  scatterRows(a: Tensor, indices: readonly number[], rows: number): Tensor;
  concatenateRows(parts: readonly Tensor[]): Tensor;
  transpose(a: Tensor): Tensor;
  broadcast(a: Tensor, shape: Shape): Tensor;
  sumRows(a: Tensor, groups?: number): Tensor;
  sumColumns(a: Tensor): Tensor;
  sumLanes(a: Tensor, groups?: number): Tensor;
  spreadLanes(a: Tensor): Tensor;
  dense(weights: Tensor, x: Tensor): Tensor;
  denseTransposed(weights: Tensor, x: Tensor): Tensor;
  outer(a: Tensor, b: Tensor): Tensor;
  /** The results of a function of TensorFlow's tensors, of the shapes given; `name` is for messages. Only the target `tensorflow` runs it. */
  custom(name: string, f: CustomFunction, inputs: readonly Tensor[], shapes: readonly Shape[]): Tensor[];
  /** All tensors in order of creation. */
  readonly tensors: readonly Tensor[];
}

/** The shape that elementwise nodes give: a size of 1 and a shared tensor fit everything. */
export function broadcastShape(op: string, inputs: readonly Shape[]): Shape {
  const rows = Math.max(...inputs.map((input) => input.rows));
  const columns = Math.max(...inputs.map((input) => input.columns));
  for (const input of inputs) {
    if ((input.rows !== 1 && input.rows !== rows) || (input.columns !== 1 && input.columns !== columns)) {
      throw new TypeError(`inputs of ${op} must be 1 or ${rows} × 1 or ${columns}, got ${input.rows} × ${input.columns}`);
    }
  }
  return { lanes: inputs.some((input) => input.lanes), rows, columns };
}

/** Whether two shapes are the same. */
export const sameShape = (a: Shape, b: Shape): boolean => a.lanes === b.lanes && a.rows === b.rows && a.columns === b.columns;

/**
 * Makes an empty graph.
 *
 * @throws TypeError from its methods where shapes do not fit.
 */
export function tensorBuilder(): TensorBuilder {
  const tensors: Tensor[] = [];
  const known = new Map<string, Tensor>();
  /** Custom functions by the order of their first use, which stands for them in keys. */
  const functions = new Map<CustomFunction, number>();

  function make(
    op: TensorOp,
    inputs: readonly Tensor[],
    { lanes, rows, columns }: Shape,
    numbers: readonly number[] = [],
    name = '',
    custom: CustomFunction | null = null,
  ): Tensor {
    // Object.is tells -0 from 0, JSON does not; the sign of zero is part of a constant's meaning.
    const payload = numbers.map((x) => (Object.is(x, -0) ? '-0' : x)).join();
    const key = `${op}|${inputs.map((input) => input.id).join()}|${lanes}|${rows}|${columns}|${payload}|${name}`;
    const existing = known.get(key);
    if (existing !== undefined) return existing;
    if (rows < 1 || columns < 1) throw new TypeError(`${op} must have at least one element`);
    const tensor: Tensor = { id: tensors.length, op, inputs, lanes, rows, columns, numbers, name, custom };
    tensors.push(tensor);
    known.set(key, tensor);
    return tensor;
  }

  const elementwise =
    (op: TensorOp) =>
    (...inputs: Tensor[]): Tensor =>
      make(op, inputs, broadcastShape(op, inputs));
  const isAll = (a: Tensor, value: number): boolean => a.op === 'constant' && a.numbers.every((x) => Object.is(x, value));
  /** Whether the other operand has the shape of the result, so that it can stand for it. */
  const fits = (a: Tensor): boolean => !a.lanes && a.rows === 1 && a.columns === 1;

  function matrix(weights: Tensor, x: Tensor, transposed: boolean): Tensor {
    const op = transposed ? 'denseTransposed' : 'dense';
    const [rows, inner] = transposed ? [weights.columns, weights.rows] : [weights.rows, weights.columns];
    if (weights.lanes) throw new TypeError(`the weights of ${op} must be shared by all lanes`);
    if (x.rows !== inner) throw new TypeError(`the weights of ${op} must fit ${x.rows} rows, got ${inner}`);
    return make(op, [weights, x], { lanes: x.lanes, rows, columns: x.columns });
  }

  const builder: TensorBuilder = {
    tensors,
    constant: (values, rows, columns = 1) => {
      const numbers = typeof values === 'number' ? Array.from({ length: (rows ?? 1) * columns }, () => values) : values;
      const shape = { lanes: false, rows: rows ?? numbers.length / columns, columns };
      if (numbers.length !== shape.rows * columns)
        throw new TypeError(`a constant of ${shape.rows} × ${columns} must have as many values, got ${numbers.length}`);
      return make('constant', [], shape, numbers);
    },
    input: (name, shape) => make('input', [], shape, [], name),
    add: (a, b) => (isAll(b, 0) && fits(b) ? a : isAll(a, 0) && fits(a) ? b : elementwise('add')(a, b)),
    subtract: (a, b) => (isAll(b, 0) && fits(b) ? a : elementwise('subtract')(a, b)),
    multiply: (a, b) => (isAll(b, 1) && fits(b) ? a : isAll(a, 1) && fits(a) ? b : elementwise('multiply')(a, b)),
    divide: (a, b) => (isAll(b, 1) && fits(b) ? a : elementwise('divide')(a, b)),
    maximum: elementwise('maximum'),
    minimum: elementwise('minimum'),
    less: elementwise('less'),
    lessEqual: elementwise('lessEqual'),
    equal: elementwise('equal'),
    select: elementwise('select'),
    negate: (a) => (a.op === 'negate' ? a.inputs[0] : elementwise('negate')(a)),
    absolute: elementwise('absolute'),
    floor: elementwise('floor'),
    squareRoot: elementwise('squareRoot'),
    exp: elementwise('exp'),
    log: elementwise('log'),
    sin: elementwise('sin'),
    cos: elementwise('cos'),
    tanh: elementwise('tanh'),
    atan: elementwise('atan'),
    erf: elementwise('erf'),
    stopGradient: (a) => (a.op === 'stopGradient' || a.op === 'constant' ? a : elementwise('stopGradient')(a)),
    gatherRows: (a, indices) => {
      checkIndices('gatherRows', indices, a.rows);
      const isIdentity = indices.length === a.rows && indices.every((index, k) => index === k);
      return isIdentity ? a : make('gatherRows', [a], { ...shapeOf(a), rows: indices.length }, indices);
    },
    scatterRows: (a, indices, rows) => {
      if (indices.length !== a.rows) throw new TypeError(`scatterRows must have an index for each of ${a.rows} rows, got ${indices.length}`);
      checkIndices('scatterRows', indices, rows);
      const isIdentity = rows === a.rows && indices.every((index, k) => index === k);
      return isIdentity ? a : make('scatterRows', [a], { ...shapeOf(a), rows }, indices);
    },
    concatenateRows: (parts) => {
      if (parts.length === 1) return parts[0];
      const { columns } = parts[0];
      if (parts.some((part) => part.columns !== columns)) throw new TypeError('the inputs of concatenateRows must have equally many columns');
      return make('concatenateRows', parts, {
        lanes: parts.some((part) => part.lanes),
        rows: parts.reduce((total, part) => total + part.rows, 0),
        columns,
      });
    },
    transpose: (a) =>
      a.op === 'transpose'
        ? a.inputs[0]
        : a.rows === 1 && a.columns === 1
          ? a
          : make('transpose', [a], { lanes: a.lanes, rows: a.columns, columns: a.rows }),
    broadcast: (a, shape) => {
      if (!sameShape(broadcastShape('broadcast', [a, shape]), shape)) throw new TypeError('a broadcast must give a larger shape');
      return sameShape(a, shape) ? a : make('broadcast', [a], shape);
    },
    sumRows: (a, groups = 1) => {
      checkGroups('sumRows', groups, a.rows);
      return a.rows === groups ? a : make('sumRows', [a], { ...shapeOf(a), rows: groups }, [groups]);
    },
    sumColumns: (a) => (a.columns === 1 ? a : make('sumColumns', [a], { ...shapeOf(a), columns: 1 })),
    sumLanes: (a, groups = 1) => {
      if (!a.lanes) throw new TypeError('the input of sumLanes must have lanes');
      if (groups > 1 && a.rows > 1) throw new TypeError(`sumLanes by groups must have one row, got ${a.rows}`);
      return make('sumLanes', [a], { lanes: false, rows: groups > 1 ? groups : a.rows, columns: a.columns }, [groups]);
    },
    spreadLanes: (a) => {
      if (a.lanes) throw new TypeError('the input of spreadLanes must be shared');
      return make('spreadLanes', [a], { lanes: true, rows: 1, columns: a.columns }, [a.rows]);
    },
    dense: (weights, x) => matrix(weights, x, false),
    denseTransposed: (weights, x) => matrix(weights, x, true),
    outer: (a, b) => {
      if (a.columns !== b.columns) throw new TypeError(`the inputs of outer must have equally many columns, got ${a.columns} and ${b.columns}`);
      if (a.lanes !== b.lanes) throw new TypeError('the inputs of outer must both have lanes or both be shared');
      return make('outer', [a, b], { lanes: false, rows: a.rows, columns: b.rows });
    },
    custom: (name, f, inputs, shapes) => {
      const group = functions.get(f) ?? functions.size;
      functions.set(f, group);
      return shapes.map((shape, k) => make('custom', inputs, shape, [group, k], name, f));
    },
  };
  return builder;
}

/** The shape of a tensor alone. */
export const shapeOf = ({ lanes, rows, columns }: Shape): Shape => ({ lanes, rows, columns });

function checkIndices(op: string, indices: readonly number[], rows: number): void {
  const wrong = indices.find((index) => !Number.isInteger(index) || index < 0 || index >= rows);
  if (wrong !== undefined) throw new TypeError(`an index of ${op} must be a whole number from 0 to ${rows - 1}, got ${wrong}`);
}

function checkGroups(op: string, groups: number, size: number): void {
  if (!Number.isInteger(groups) || groups < 1 || size % groups !== 0) throw new TypeError(`the groups of ${op} must divide ${size}, got ${groups}`);
}
