/**
 * Derivatives of graphs: the tangent of a node along given tangents of others, by the chain rule on each primitive (forward differentiation).
 *
 * Exact up to rounding wherever the node is differentiable. Functions built of primitives (exp, sin, …) are differentiated through their polynomials, which
 * agree with the function's derivative to some units in the last place. At kinks (abs, min, if) it is the derivative of the branch that is taken.
 */
import type { GraphBuilder, Node } from '@ergoflow/kernels';
import type { Values } from '../equations.ts';

/** A tangent; null where it is 0 by the structure of the graph. */
export type Tangent = Node | null;

/** Tangents by variable; a missing one is 0. */
export type Direction = ReadonlyMap<string, Node>;

/**
 * Differentiates nodes along a direction: d/ds node(state + s·direction) at s = 0.
 *
 * @param state The nodes of the variables; the nodes to differentiate are built from them.
 */
export function tangents(g: GraphBuilder, state: Values, direction: Direction, nodes: readonly Node[]): Tangent[] {
  const known = new Map<number, Tangent>();
  for (const [name, node] of state) known.set(node.id, direction.has(name) ? spread(g, direction.get(name) as Node, node.width) : null);
  return nodes.map((node) => tangentOf(g, known, node));
}

/** Differentiates inputs before what needs them, without recursion: graphs of long chains are deep. */
function tangentOf(g: GraphBuilder, known: Map<number, Tangent>, result: Node): Tangent {
  const stack = [result];
  for (let node = stack.at(-1); node !== undefined; node = stack.at(-1)) {
    const missing = known.has(node.id) ? [] : node.inputs.filter((input) => !known.has(input.id));
    if (missing.length > 0) {
      stack.push(...missing);
      continue;
    }
    stack.pop();
    if (known.has(node.id)) continue;
    const tangent = rule(g, node, (k) => known.get((node as Node).inputs[k].id) as Tangent);
    known.set(node.id, tangent === null ? null : spread(g, tangent, node.width));
  }
  return known.get(result.id) as Tangent;
}

function rule(g: GraphBuilder, node: Node, tangent: (k: number) => Tangent): Tangent {
  const [a, b] = node.inputs;
  const both = (x: Tangent, y: Tangent, combine: (x: Node, y: Node) => Node, second: (y: Node) => Node): Tangent =>
    x === null ? (y === null ? null : second(y)) : y === null ? x : combine(x, y);
  const scaled = (x: Tangent, factor: () => Node): Tangent => (x === null ? null : g.multiply(x, factor()));
  switch (node.op) {
    case 'add':
      // So large a constant leaves no fraction: the sum is how functions round to whole numbers, and constant between its jumps.
      if (node.inputs.some(({ op, numbers }) => op === 'constant' && Math.abs(numbers[0]) >= 2 ** 51)) return null;
      return both(tangent(0), tangent(1), g.add, (y) => y);
    case 'subtract':
      return both(tangent(0), tangent(1), g.subtract, g.negate);
    case 'multiply':
      return both(
        scaled(tangent(0), () => b),
        scaled(tangent(1), () => a),
        g.add,
        (y) => y,
      );
    case 'divide': {
      const top = both(
        tangent(0),
        scaled(tangent(1), () => node),
        g.subtract,
        g.negate,
      );
      return top === null ? null : g.divide(top, b);
    }
    case 'negate':
      return tangent(0) === null ? null : g.negate(tangent(0) as Node);
    case 'absolute':
      return tangent(0) === null ? null : g.select(g.less(a, g.constant(0)), g.negate(tangent(0) as Node), tangent(0) as Node);
    case 'squareRoot':
      return tangent(0) === null ? null : g.divide(tangent(0) as Node, g.multiply(g.constant(2), node));
    case 'mantissa':
      return scaled(tangent(0), () => g.powerOfTwo(g.negate(g.exponent(a))));
    case 'select': {
      const [x, y] = [tangent(1), tangent(2)];
      if (node.mask || (x === null && y === null)) return null;
      return g.select(a, x ?? g.constant(0), y ?? g.constant(0));
    }
    case 'gather':
      return tangent(0) === null || node.mask ? null : g.gather(tangent(0) as Node, node.numbers);
    case 'sum':
      return tangent(0) === null ? null : g.sum(tangent(0) as Node, node.numbers[0]);
    case 'concatenate':
      return node.inputs.every((_, k) => tangent(k) === null)
        ? null
        : g.concatenate(node.inputs.map((input, k) => tangent(k) ?? g.constant(new Array<number>(input.width).fill(0))));
    default:
      // Leaves that are no variables; floor, exponent, powerOfTwo of whole numbers, tables, comparisons: constant between their jumps.
      return null;
  }
}

/** One element for all, where a node has many. */
function spread(g: GraphBuilder, node: Node, width: number): Node {
  return node.width === width ? node : g.gather(node, new Array<number>(width).fill(0));
}

/** True if a node is built from any of the given ones. */
export function dependsOn(node: Node, sources: Iterable<Node>): boolean {
  const wanted = new Set([...sources].map(({ id }) => id));
  const seen = new Set<number>();
  const stack = [node];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (wanted.has(next.id)) return true;
    if (seen.has(next.id)) continue;
    seen.add(next.id);
    stack.push(...next.inputs);
  }
  return false;
}
