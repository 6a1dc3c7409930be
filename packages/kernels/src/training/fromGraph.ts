/**
 * From the arithmetic graph of equations to a training graph, so that a drift is written once and both simulated and differentiated.
 *
 * A node's elements become rows; what the leaves are bound to may have columns (nodes of a grid) and lanes (samples), and elementwise nodes broadcast
 * over them. The graph must keep its functions (`graphBuilder({ keepFunctions: true })`): their derivatives are known, those of bits are not.
 */
import type { Node, Op } from '../graph.ts';
import { reachable } from '../graph.ts';
import type { Tensor, TensorBuilder } from './tensor.ts';

/**
 * Translates nodes.
 *
 * @param results Nodes of one graph that keeps its functions.
 * @param bind Gives the tensor of a uniform, a state or the step; as many rows as the node has elements.
 * @returns A tensor for each result, with a row for each element.
 * @throws TypeError for a normal, a lookup, a part of a number's bits, or a binding of another size.
 */
export function tensorsOf(g: TensorBuilder, results: readonly Node[], bind: (leaf: Node) => Tensor): Tensor[] {
  const made = new Map<Node, Tensor>();
  for (const node of reachable(results))
    made.set(
      node,
      translate(
        g,
        node,
        node.inputs.map((input) => made.get(input) as Tensor),
        bind,
      ),
    );
  return results.map((node) => made.get(node) as Tensor);
}

function translate(g: TensorBuilder, node: Node, inputs: readonly Tensor[], bind: (leaf: Node) => Tensor): Tensor {
  switch (node.op) {
    case 'constant':
      return g.constant(node.numbers);
    case 'uniform':
    case 'state':
    case 'step': {
      const tensor = bind(node);
      if (tensor.rows !== node.width) throw new TypeError(`${node.name} must be bound to ${node.width} rows, got ${tensor.rows}`);
      return tensor;
    }
    case 'gather':
      return g.gatherRows(inputs[0], node.numbers);
    case 'sum':
      return g.sumRows(inputs[0], node.numbers[0]);
    case 'concatenate': {
      const columns = Math.max(...inputs.map((input) => input.columns));
      return g.concatenateRows(inputs.map((input) => g.broadcast(input, { lanes: input.lanes, rows: input.rows, columns })));
    }
    case 'call':
      return FUNCTIONS[node.name](g, ...inputs);
    default: {
      const build = ELEMENTWISE[node.op];
      if (build === undefined) throw new TypeError(`a training graph has no ${node.op}`);
      return build(g, ...inputs);
    }
  }
}

type Build = (g: TensorBuilder, ...x: Tensor[]) => Tensor;

/** Truth values are 0 and 1. */
const ELEMENTWISE: Partial<Record<Op, Build>> = {
  add: (g, a, b) => g.add(a, b),
  subtract: (g, a, b) => g.subtract(a, b),
  multiply: (g, a, b) => g.multiply(a, b),
  divide: (g, a, b) => g.divide(a, b),
  negate: (g, a) => g.negate(a),
  absolute: (g, a) => g.absolute(a),
  squareRoot: (g, a) => g.squareRoot(a),
  floor: (g, a) => g.floor(a),
  less: (g, a, b) => g.less(a, b),
  lessEqual: (g, a, b) => g.lessEqual(a, b),
  equal: (g, a, b) => g.equal(a, b),
  and: (g, a, b) => g.multiply(a, b),
  or: (g, a, b) => g.maximum(a, b),
  not: (g, a) => g.subtract(g.constant(1), a),
  select: (g, condition, a, b) => g.select(condition, a, b),
};

/** The functions of equations. sinh and cosh lose relative, not absolute accuracy near 0. */
const FUNCTIONS: Readonly<Record<string, Build>> = {
  exp: (g, x) => g.exp(x),
  log: (g, x) => g.log(x),
  sqrt: (g, x) => g.squareRoot(x),
  abs: (g, x) => g.absolute(x),
  sin: (g, x) => g.sin(x),
  cos: (g, x) => g.cos(x),
  tan: (g, x) => g.divide(g.sin(x), g.cos(x)),
  tanh: (g, x) => g.tanh(x),
  sinh: (g, x) => g.multiply(g.constant(0.5), g.subtract(g.exp(x), g.exp(g.negate(x)))),
  cosh: (g, x) => g.multiply(g.constant(0.5), g.add(g.exp(x), g.exp(g.negate(x)))),
  atan: (g, x) => g.atan(x),
  erf: (g, x) => g.erf(x),
  min: (g, ...list) => list.reduce((a, b) => g.minimum(a, b)),
  max: (g, ...list) => list.reduce((a, b) => g.maximum(a, b)),
  sign: (g, x) => g.subtract(g.less(g.constant(0), x), g.less(x, g.constant(0))),
  floor: (g, x) => g.floor(x),
  power,
};

/** x^y: e^(y ln |x|) with the sign of a negative x to an odd y; NaN for a negative x to a y that is not whole, 1 where y is 0. */
function power(g: TensorBuilder, x: Tensor, y: Tensor): Tensor {
  const [zero, one, half] = [g.constant(0), g.constant(1), g.constant(0.5)];
  const size = g.absolute(x);
  const isZero = g.equal(size, zero);
  const regular = g.exp(g.multiply(y, g.log(g.select(isZero, one, size))));
  const isWhole = g.equal(g.floor(y), y);
  const isOdd = g.subtract(isWhole, g.equal(g.floor(g.multiply(y, half)), g.multiply(y, half)));
  const sign = g.select(isWhole, g.subtract(one, g.multiply(g.constant(2), isOdd)), g.constant(Number.NaN));
  const atZero = g.select(g.less(zero, y), zero, g.select(g.less(y, zero), g.constant(Number.POSITIVE_INFINITY), one));
  return g.select(isZero, atZero, g.select(g.less(x, zero), g.multiply(regular, sign), regular));
}
