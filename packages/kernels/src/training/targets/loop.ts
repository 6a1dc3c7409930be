/** From a group of results to a loop: its arithmetic as nodes of the arithmetic graph, and how it moves along its inputs. */
import { FUNCTIONS } from '../../functions/table.ts';
import { type GraphBuilder, graphBuilder, type Node, reachable } from '../../graph.ts';
import type { Tensor, TensorOp } from '../tensor.ts';
import type { Precision } from '../trainingKernel.ts';
import { isRead, type View, viewOf } from './cone.ts';
import { FUNCTIONS_32 } from './functions32.ts';
import { type Group, termOf, unstored } from './group.ts';
import type { LoopKernel, Slot } from './kernels.ts';
import { isElementwise, isSum } from './storage.ts';

/** A loop and what it reads and writes, in the order of its slots. */
export interface Loop {
  readonly kernel: LoopKernel;
  readonly inputs: readonly View[];
  readonly stores: readonly Tensor[];
  readonly sums: readonly Tensor[];
  readonly layout: Layout;
}

/**
 * What the axes of a loop are. `lanes`: rows, columns, lanes. `line`: rows and contiguous columns of a shared matrix. `flat`: all its elements.
 * `single`: rows and columns of a shared matrix, an element at a time.
 */
export type Layout = 'lanes' | 'line' | 'flat' | 'single';

/** Makes the loop of a group. */
export function loopOf(group: Group, stored: ReadonlySet<Tensor>, precision: Precision): Loop {
  const g = graphBuilder();
  const views: View[] = [];
  const slots: { readonly tensor: Tensor; readonly node: Node }[] = [];
  const values = new Map<Tensor, Node>();
  const layout = layoutOf(group);
  const make = (tensor: Tensor): Node => {
    const known = values.get(tensor);
    if (known !== undefined) return known;
    const simple = stored.has(tensor) ? literal(tensor) : undefined;
    const value =
      simple !== undefined
        ? g.constant(simple)
        : stored.has(tensor) || isRead(tensor)
          ? read(tensor)
          : apply(g, tensor, tensor.inputs.map(make), precision);
    values.set(tensor, value);
    return value;
  };
  const read = (tensor: Tensor): Node => {
    const node = g.state(`${views.length}`);
    views.push(
      tensor.op === 'transpose' && !stored.has(tensor)
        ? { rows: [{ tensor: tensor.inputs[0], row: 0 }], of: tensor.inputs[0], groups: 1, row: 'stride' }
        : viewOf(tensor, stored),
    );
    slots.push({ tensor, node });
    return node;
  };
  const nodes = new Map<Tensor, Node>();
  for (const result of group.results) {
    const term = termOf(result);
    const isOwn = !isSum(result);
    const node = isOwn && isElementwise(result) ? apply(g, result, result.inputs.map(make), precision) : isOwn ? read(unstored(result)) : make(term);
    nodes.set(result, node);
    if (isOwn) values.set(result, node);
  }
  const [stores, sums] = [group.results.filter((result) => !isSum(result)), group.results.filter(isSum)];
  const nodeOf = (result: Tensor): Node => nodes.get(result) as Node;
  const used = reachable([...nodes.values()]);
  const over = group.over === 'rows' || group.over === 'columns' ? group.over : 'vector';
  const inputs = slots.map(({ tensor }, k) => slotOf(tensor, views[k], group, layout));
  const kernel: LoopKernel = { kind: 'loop', over, inputs, nodes: used, stores: stores.map(nodeOf), sums: sums.map(nodeOf) };
  return { kernel, inputs: views, stores, sums, layout };
}

function layoutOf({ shape, over, isFlat, results }: Group): Layout {
  if (shape.lanes) return 'lanes';
  if (results[0].op === 'transpose') return 'single';
  return isFlat && over !== 'line' && over !== 'rows' ? 'flat' : 'line';
}

function slotOf(tensor: Tensor, view: View, { shape }: Group, layout: Layout): Slot {
  const { of, groups } = view;
  if (tensor.op === 'transpose' && view.of !== tensor) return { vector: of.lanes, row: 'stride', column: true, segment: false };
  const row = shape.rows === 1 && view.row === 'stride' ? 'fixed' : view.row;
  switch (layout) {
    case 'lanes':
    case 'single':
      return { vector: of.lanes, row, column: of.columns > 1, segment: groups > 1 };
    case 'line':
      return { vector: of.columns > 1, row, column: false, segment: false };
    case 'flat':
      return { vector: of.rows * of.columns > 1, row: 'fixed', column: false, segment: false };
  }
}

/** Numbers that are written into the code; others are read from memory, so that programs that differ in them share code. */
const LITERALS: readonly number[] = [0, 1, -1, 2, 0.5];

/** The number of such a constant. */
export function literal({ op, numbers }: Tensor): number | undefined {
  if (op !== 'constant') return undefined;
  return numbers.every((value) => Object.is(value, numbers[0])) && LITERALS.includes(numbers[0]) ? numbers[0] : undefined;
}

function apply(g: GraphBuilder, { op, inputs }: Tensor, [a, b, c]: readonly Node[], precision: Precision): Node {
  const bit = (mask: Node): Node => g.select(mask, g.constant(1), g.constant(0));
  // NaN of either input goes through.
  const choose = (first: Node): Node => g.select(g.equal(b, b), first, b);
  switch (op) {
    case 'maximum':
      return choose(g.select(g.less(a, b), b, a));
    case 'minimum':
      return choose(g.select(g.less(b, a), b, a));
    case 'less':
    case 'lessEqual':
    case 'equal':
      return bit(g[op](a, b));
    case 'select':
      return g.select(isBit(a) ? a.inputs[0] : g.not(g.equal(a, g.constant(0))), b, c);
    case 'add':
    case 'subtract':
    case 'multiply':
    case 'divide':
      return g[op](a, b);
    case 'negate':
    case 'absolute':
    case 'squareRoot':
    case 'floor':
      return g[op](a);
    default:
      if (inputs.length !== 1) throw new TypeError(`op must be elementwise, got ${op}`);
      return precision === 'float32' ? FUNCTIONS_32[op](g, a) : FUNCTIONS[op satisfies TensorOp].build(g, a);
  }
}

/** A truth value as 1 and 0: the comparison itself can be taken. */
const isBit = ({ op, inputs }: Node): boolean =>
  op === 'select' && inputs[1].op === 'constant' && inputs[1].numbers[0] === 1 && inputs[2].op === 'constant' && inputs[2].numbers[0] === 0;
