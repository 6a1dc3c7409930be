/**
 * The arithmetic graph: what one lane computes, as nodes over a dozen primitives.
 *
 * Every target implements just these primitives; everything else (exp, sin, min, …) is built from them, so all targets give the same bits.
 * Nodes are hash-consed (equal expressions are one node) and constants are folded, by rules that hold for every IEEE-754 value only.
 */

/** The primitives. Comparisons and `and`, `or`, `not` give masks; `select` takes one; all else takes and gives float64. */
export type Op =
  // leaves
  | 'constant' // payload: the values
  | 'uniform' // payload: the name; shared by all lanes
  | 'state' // payload: the name; the lane's own value at the beginning of the step
  | 'step' // the index of the step, counted from the start of the path
  | 'normal' // payload: the stream's name; the lane's standard normals of this step
  // arithmetic, elementwise; an input of width 1 is used for every element
  | 'add'
  | 'subtract'
  | 'multiply'
  | 'divide'
  | 'negate'
  | 'absolute'
  | 'squareRoot'
  | 'floor'
  // comparison and choice, elementwise
  | 'less'
  | 'lessEqual'
  | 'equal'
  | 'and'
  | 'or'
  | 'not'
  | 'select'
  // the parts of a float64: x = mantissa·2^exponent with 1 ≤ |mantissa| < 2, for finite normal x ≠ 0; powerOfTwo(n) = 2^n for integers -1022 ≤ n ≤ 1023
  | 'exponent'
  | 'mantissa'
  | 'powerOfTwo'
  // between elements
  | 'gather' // payload: for each element of the result, the index of the input's element
  | 'sum' // payload: the number of groups; sums of equal consecutive blocks, added from the first element on
  | 'concatenate'
  | 'lookup' // (table, index): the table's element at an integer index, clamped to the table
  // a function of equations as one node, elementwise; payload: its name. Only in graphs that keep functions; no target computes it
  | 'call';

/** How often a node has to be computed: never, once per call, once per step, or for every lane at every step. */
export type Scope = 'constant' | 'uniform' | 'step' | 'lane';

/** One value of the graph; made by {@link GraphBuilder} only. */
export interface Node {
  /** Position in the order of creation; inputs have smaller ones. */
  readonly id: number;
  readonly op: Op;
  readonly inputs: readonly Node[];
  /** Number of elements. */
  readonly width: number;
  /** True if the elements are truth values. */
  readonly mask: boolean;
  readonly scope: Scope;
  /** Values of a constant, indices of a gather, the number of groups of a sum. */
  readonly numbers: readonly number[];
  /** Name of a uniform, a state, a stream or a function. */
  readonly name: string;
}

/** Makes nodes; one builder holds one graph. All methods are pure up to sharing: the same call gives the same node. */
export interface GraphBuilder {
  constant(value: number | readonly number[]): Node;
  uniform(name: string, width?: number): Node;
  state(name: string, width?: number): Node;
  step(): Node;
  /** The standard normals of this step: `width` of them from the named stream. One stream is asked for in one width only. */
  normal(stream: string, width: number): Node;
  add(a: Node, b: Node): Node;
  subtract(a: Node, b: Node): Node;
  multiply(a: Node, b: Node): Node;
  divide(a: Node, b: Node): Node;
  negate(a: Node): Node;
  absolute(a: Node): Node;
  squareRoot(a: Node): Node;
  floor(a: Node): Node;
  less(a: Node, b: Node): Node;
  lessEqual(a: Node, b: Node): Node;
  equal(a: Node, b: Node): Node;
  and(a: Node, b: Node): Node;
  or(a: Node, b: Node): Node;
  not(a: Node): Node;
  /** Where `condition` holds `a`, elsewhere `b`; both are computed. */
  select(condition: Node, a: Node, b: Node): Node;
  exponent(a: Node): Node;
  mantissa(a: Node): Node;
  powerOfTwo(a: Node): Node;
  gather(a: Node, indices: readonly number[]): Node;
  sum(a: Node, groups?: number): Node;
  concatenate(parts: readonly Node[]): Node;
  lookup(table: Node, index: Node): Node;
  /** A function of equations as one node; there in graphs that keep functions only. */
  readonly call?: (name: string, inputs: readonly Node[]) => Node;
  /** All nodes in order of creation. */
  readonly nodes: readonly Node[];
}

const SCOPES: readonly Scope[] = ['constant', 'uniform', 'step', 'lane'];

/** The widest of the scopes: how often something that needs all of them must be computed. */
function widest(inputs: readonly Node[]): Scope {
  return SCOPES[Math.max(0, ...inputs.map((node) => SCOPES.indexOf(node.scope)))];
}

/**
 * Makes an empty graph.
 *
 * @param keepFunctions True to keep exp, sin, … as one node each, for a reader that knows their derivatives, instead of building them from primitives.
 * @throws TypeError from its methods where widths do not fit, a mask stands for a number or the reverse.
 */
export function graphBuilder({ keepFunctions = false }: { readonly keepFunctions?: boolean } = {}): GraphBuilder {
  const nodes: Node[] = [];
  const known = new Map<string, Node>();

  function make(op: Op, inputs: readonly Node[], width: number, mask: boolean, scope: Scope, numbers: readonly number[] = [], name = ''): Node {
    // Object.is tells -0 from 0, JSON does not; the sign of zero is part of a constant's meaning.
    const key = `${op}|${inputs.map((node) => node.id).join()}|${width}|${numbers.map((x) => (Object.is(x, -0) ? '-0' : x)).join()}|${name}`;
    const existing = known.get(key);
    if (existing !== undefined) return existing;
    if (width < 1) throw new TypeError(`${op} must have at least one element`);
    const node: Node = { id: nodes.length, op, inputs, width, mask, scope, numbers, name };
    nodes.push(node);
    known.set(key, node);
    return node;
  }

  const constant = (value: number | readonly number[]): Node => {
    const numbers = typeof value === 'number' ? [value] : value;
    return make('constant', [], numbers.length, false, 'constant', numbers);
  };

  function elementwise(op: Op, inputs: readonly Node[], mask: boolean): Node {
    const width = Math.max(...inputs.map((node) => node.width));
    for (const input of inputs) {
      if (input.width !== 1 && input.width !== width) {
        throw new TypeError(`inputs of ${op} must have width 1 or ${width}, got ${input.width}`);
      }
    }
    return make(op, inputs, width, mask, widest(inputs));
  }

  function numeric(op: Op, inputs: readonly Node[]): Node {
    for (const input of inputs) {
      if (input.mask) throw new TypeError(`inputs of ${op} must be numbers, got a truth value`);
    }
    const values = inputs.map((input) => (input.op === 'constant' ? input.numbers : undefined));
    const fold = FOLD[op];
    if (fold !== undefined && values.every((value) => value !== undefined)) {
      const width = Math.max(...inputs.map((node) => node.width));
      const folded: number[] = [];
      for (let k = 0; k < width; k++) folded.push(fold(...values.map((value) => value[value.length === 1 ? 0 : k])));
      return constant(folded);
    }
    return elementwise(op, inputs, false);
  }

  function call(name: string, inputs: readonly Node[]): Node {
    const width = Math.max(...inputs.map((input) => input.width));
    return make('call', inputs, width, false, widest(inputs), [], name);
  }

  function comparison(op: Op, a: Node, b: Node): Node {
    if (a.mask || b.mask) throw new TypeError(`inputs of ${op} must be numbers, got a truth value`);
    return elementwise(op, [a, b], true);
  }

  function logical(op: Op, inputs: readonly Node[]): Node {
    for (const input of inputs) {
      if (!input.mask) throw new TypeError(`inputs of ${op} must be truth values, got a number`);
    }
    return elementwise(op, inputs, true);
  }

  /** Whether `one` is all ones, and of a width that leaves x as it is. */
  const isOneFor = (x: Node, one: Node): boolean =>
    one.op === 'constant' && !x.mask && (one.width === 1 || one.width === x.width) && one.numbers.every((value) => value === 1);

  return {
    ...(keepFunctions ? { call: (name: string, inputs: readonly Node[]) => call(name, inputs) } : {}),
    nodes,
    constant,
    uniform: (name, width = 1) => make('uniform', [], width, false, 'uniform', [], name),
    state: (name, width = 1) => make('state', [], width, false, 'lane', [], name),
    step: () => make('step', [], 1, false, 'step'),
    normal: (stream, width) => make('normal', [], width, false, 'lane', [], stream),
    add: (a, b) => numeric('add', [a, b]),
    subtract: (a, b) => numeric('subtract', [a, b]),
    // 1·x and x/1 are x for every x, NaN included; 0·x and x + 0 are not simplified (NaN, infinities, -0).
    multiply: (a, b) => (isOneFor(b, a) ? b : isOneFor(a, b) ? a : numeric('multiply', [a, b])),
    divide: (a, b) => (isOneFor(a, b) ? a : numeric('divide', [a, b])),
    negate: (a) => (a.op === 'negate' ? a.inputs[0] : numeric('negate', [a])),
    absolute: (a) => numeric('absolute', [a]),
    squareRoot: (a) => numeric('squareRoot', [a]),
    floor: (a) => numeric('floor', [a]),
    less: (a, b) => comparison('less', a, b),
    lessEqual: (a, b) => comparison('lessEqual', a, b),
    equal: (a, b) => comparison('equal', a, b),
    and: (a, b) => logical('and', [a, b]),
    or: (a, b) => logical('or', [a, b]),
    not: (a) => logical('not', [a]),
    select: (condition, a, b) => {
      if (!condition.mask) throw new TypeError('the condition of select must be a truth value, got a number');
      if (a.mask !== b.mask) throw new TypeError('the branches of select must both be numbers or both truth values');
      return a === b && (condition.width === 1 || condition.width === a.width) ? a : elementwise('select', [condition, a, b], a.mask);
    },
    exponent: (a) => numeric('exponent', [a]),
    mantissa: (a) => numeric('mantissa', [a]),
    powerOfTwo: (a) => numeric('powerOfTwo', [a]),
    gather: (a, indices) => {
      for (const index of indices) {
        if (!Number.isInteger(index) || index < 0 || index >= a.width) {
          throw new TypeError(`an index of gather must be a whole number from 0 to ${a.width - 1}, got ${index}`);
        }
      }
      if (a.op === 'constant') return constant(indices.map((index) => a.numbers[index]));
      const identity = indices.length === a.width && indices.every((index, k) => index === k);
      return identity ? a : make('gather', [a], indices.length, a.mask, a.scope, indices);
    },
    sum: (a, groups = 1) => {
      if (a.mask) throw new TypeError('the input of sum must be numbers, got truth values');
      if (!Number.isInteger(groups) || groups < 1 || a.width % groups !== 0) {
        throw new TypeError(`the groups of sum must divide the width ${a.width}, got ${groups}`);
      }
      return a.width === groups ? a : make('sum', [a], groups, false, a.scope, [groups]);
    },
    concatenate: (parts) => {
      if (parts.some((part) => part.mask)) throw new TypeError('the inputs of concatenate must be numbers, got truth values');
      if (parts.length === 1) return parts[0];
      if (parts.every((part) => part.op === 'constant')) return constant(parts.flatMap((part) => part.numbers));
      const width = parts.reduce((total, part) => total + part.width, 0);
      return make('concatenate', parts, width, false, widest(parts));
    },
    lookup: (table, index) => {
      if (table.scope !== 'uniform' && table.scope !== 'constant') {
        throw new TypeError('the table of lookup must be shared by all lanes');
      }
      if (table.mask || index.mask) throw new TypeError('inputs of lookup must be numbers, got a truth value');
      return make('lookup', [table, index], index.width, false, widest([table, index]));
    },
  };
}

/** Lists the nodes that the results need, inputs first. */
export function reachable(results: readonly Node[]): Node[] {
  const seen = new Map<number, Node>();
  const stack = [...results];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (seen.has(node.id)) continue;
    seen.set(node.id, node);
    stack.push(...node.inputs);
  }
  return [...seen.values()].sort((a, b) => a.id - b.id);
}

/** What is folded when every input is constant: just what JavaScript computes exactly as every target does. */
const FOLD: Partial<Record<Op, (...values: number[]) => number>> = {
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  divide: (a, b) => a / b,
  negate: (a) => -a,
  absolute: (a) => Math.abs(a),
  squareRoot: (a) => Math.sqrt(a),
  floor: (a) => Math.floor(a),
};
