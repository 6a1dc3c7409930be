/**
 * Reverse-mode differentiation: from a graph to a graph.
 *
 * Each primitive has one rule, in one table, tested against central differences and against TensorFlow's own gradients. Adjoints keep the shape of what
 * they belong to: where a node broadcast an input, the adjoint is summed back.
 */
import { adjointOf, type CustomFunction } from './customFunction.ts';
import { type Shape, sameShape, shapeOf, type Tensor, type TensorBuilder, type TensorOp } from './tensor.ts';

/**
 * Builds the derivatives of one shared number.
 *
 * @param loss A shared tensor of one element.
 * @param wrt What to differentiate by; also tensors in the middle of the graph.
 * @returns The derivative by each, of its shape; zeros where the loss does not depend on it.
 * @throws TypeError if the loss is not one shared number.
 */
export function gradient(g: TensorBuilder, loss: Tensor, wrt: readonly Tensor[]): Tensor[] {
  if (loss.lanes || loss.rows * loss.columns !== 1) throw new TypeError('the loss must be one number that all lanes share');
  const wanted = dependents(loss, wrt);
  const adjoints = new Map<Tensor, Tensor>([[loss, g.constant(1)]]);
  for (const tensor of [...wanted].sort((a, b) => b.id - a.id)) {
    const adjoint = adjoints.get(tensor);
    const rule = RULES[tensor.op];
    if (adjoint === undefined || rule === undefined) continue;
    for (const [k, input] of tensor.inputs.entries()) {
      if (!wanted.has(input)) continue;
      const part = rule(g, tensor, adjoint, k);
      if (part === null) continue;
      const own = reducedTo(g, part, input);
      const before = adjoints.get(input);
      adjoints.set(input, before === undefined ? own : g.add(before, own));
    }
  }
  return wrt.map((tensor) => adjoints.get(tensor) ?? g.broadcast(g.constant(0), shapeOf(tensor)));
}

/** What the loss needs and what needs one of `wrt`: all that an adjoint has to pass through. */
function dependents(loss: Tensor, wrt: readonly Tensor[]): Set<Tensor> {
  const needed: Tensor[] = [];
  const seen = new Set<Tensor>();
  const stack = [loss];
  for (let tensor = stack.pop(); tensor !== undefined; tensor = stack.pop()) {
    if (seen.has(tensor)) continue;
    seen.add(tensor);
    needed.push(tensor);
    stack.push(...tensor.inputs);
  }
  const found = new Set<Tensor>(wrt);
  for (const tensor of needed.sort((a, b) => a.id - b.id)) {
    if (tensor.op !== 'stopGradient' && tensor.inputs.some((input) => found.has(input))) found.add(tensor);
  }
  return found;
}

/** Sums an adjoint over what was broadcast. */
function reducedTo(g: TensorBuilder, adjoint: Tensor, shape: Shape): Tensor {
  if (sameShape(adjoint, shape)) return adjoint;
  let sum = adjoint;
  if (shape.columns === 1) sum = g.sumColumns(sum);
  if (shape.rows === 1) sum = g.sumRows(sum);
  if (!shape.lanes && sum.lanes) sum = g.sumLanes(sum);
  return sum;
}

/** The part of an adjoint that goes to the k-th input, before it is summed to the input's shape; null for none. */
type Rule = (g: TensorBuilder, tensor: Tensor, adjoint: Tensor, k: number) => Tensor | null;

const unary =
  (derivative: (g: TensorBuilder, x: Tensor, y: Tensor) => Tensor): Rule =>
  (g, y, adjoint) =>
    g.multiply(adjoint, derivative(g, y.inputs[0], y));

const chosen = (g: TensorBuilder, adjoint: Tensor, isFirst: Tensor, k: number): Tensor =>
  k === 0 ? g.select(isFirst, adjoint, g.constant(0)) : g.select(isFirst, g.constant(0), adjoint);

/** One rule a primitive; those that are missing have derivative 0. */
const RULES: Partial<Record<TensorOp, Rule>> = {
  add: (_, __, adjoint) => adjoint,
  subtract: (g, _, adjoint, k) => (k === 0 ? adjoint : g.negate(adjoint)),
  multiply: (g, y, adjoint, k) => g.multiply(adjoint, y.inputs[1 - k]),
  divide: (g, y, adjoint, k) => {
    const quotient = g.divide(adjoint, y.inputs[1]);
    return k === 0 ? quotient : g.negate(g.multiply(quotient, y));
  },
  // Where both are equal, the first one is taken.
  maximum: (g, y, adjoint, k) => chosen(g, adjoint, g.lessEqual(y.inputs[1], y.inputs[0]), k),
  minimum: (g, y, adjoint, k) => chosen(g, adjoint, g.lessEqual(y.inputs[0], y.inputs[1]), k),
  select: (g, y, adjoint, k) => (k === 0 ? null : chosen(g, adjoint, y.inputs[0], k - 1)),
  negate: (g, _, adjoint) => g.negate(adjoint),
  absolute: unary((g, x) => g.subtract(g.less(g.constant(0), x), g.less(x, g.constant(0)))),
  squareRoot: unary((g, _, y) => g.divide(g.constant(0.5), y)),
  exp: unary((_, __, y) => y),
  log: unary((g, x) => g.divide(g.constant(1), x)),
  sin: unary((g, x) => g.cos(x)),
  cos: unary((g, x) => g.negate(g.sin(x))),
  tanh: unary((g, _, y) => g.subtract(g.constant(1), g.multiply(y, y))),
  atan: unary((g, x) => g.divide(g.constant(1), g.add(g.constant(1), g.multiply(x, x)))),
  erf: unary((g, x) => g.multiply(g.constant(TWO_OVER_ROOT_PI), g.exp(g.negate(g.multiply(x, x))))),
  gatherRows: (g, y, adjoint) => g.scatterRows(adjoint, y.numbers, y.inputs[0].rows),
  scatterRows: (g, y, adjoint) => g.gatherRows(adjoint, y.numbers),
  concatenateRows: (g, y, adjoint, k) => {
    const first = y.inputs.slice(0, k).reduce((rows, part) => rows + part.rows, 0);
    return g.gatherRows(
      adjoint,
      Array.from({ length: y.inputs[k].rows }, (_, row) => first + row),
    );
  },
  transpose: (g, _, adjoint) => g.transpose(adjoint),
  broadcast: (_, __, adjoint) => adjoint,
  sumRows: (g, y, adjoint) => {
    const { rows } = y.inputs[0];
    if (y.rows === 1) return g.broadcast(adjoint, { ...shapeOf(y), rows });
    return g.gatherRows(
      adjoint,
      Array.from({ length: rows }, (_, row) => Math.floor((row * y.rows) / rows)),
    );
  },
  sumColumns: (g, y, adjoint) => g.broadcast(adjoint, shapeOf(y.inputs[0])),
  sumLanes: (g, y, adjoint) => {
    return y.numbers[0] === 1 ? g.broadcast(adjoint, shapeOf(y.inputs[0])) : g.spreadLanes(adjoint);
  },
  spreadLanes: (g, y, adjoint) => g.sumLanes(adjoint, y.numbers[0]),
  dense: (g, y, adjoint, k) => {
    return k === 0 ? g.outer(adjoint, y.inputs[1]) : g.denseTransposed(y.inputs[0], adjoint);
  },
  denseTransposed: (g, y, adjoint, k) => {
    return k === 0 ? g.outer(y.inputs[1], adjoint) : g.dense(y.inputs[0], adjoint);
  },
  outer: (g, y, adjoint, k) => {
    return k === 0 ? g.dense(adjoint, y.inputs[1]) : g.denseTransposed(adjoint, y.inputs[0]);
  },
  custom: (g, y, adjoint, k) =>
    g.custom(`the gradient of ${y.name}`, adjointOf(y.custom as CustomFunction, y.numbers[1]), [...y.inputs, adjoint], y.inputs.map(shapeOf))[k],
};

/** 2/√π. */
const TWO_OVER_ROOT_PI = 1.1283791670955126;
