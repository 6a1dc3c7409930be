/** Cubic interpolation of tables on a uniform grid, in one or more dimensions, as a graph macro. */
import type { GraphBuilder, Node } from '@ergoflow/kernels';

/** One direction of a grid: the nodes low, low + step, …, (count of them). */
export interface GridAxis {
  readonly low: number;
  readonly high: number;
  /** Number of nodes, ≥ 4. */
  readonly count: number;
}

/** Distance of neighbouring nodes. */
export const gridStep = ({ low, high, count }: GridAxis): number => (high - low) / (count - 1);

/**
 * Interpolates by the cubic through the four nearest nodes in each direction (Lagrange), error O(step⁴); exact for cubic polynomials.
 *
 * Outside the grid the outermost cubic goes on; whoever needs to know watches for it by an event.
 *
 * @param tables Each [product of counts], the last direction contiguous; the same place is read in all.
 * @param axes The grid.
 * @param at One scalar node per direction.
 */
export function interpolate(g: GraphBuilder, tables: readonly Node[], axes: readonly GridAxis[], at: readonly Node[]): Node[] {
  const places = axes.map((axis, k) => place(g, axis, at[k]));
  let corners: { readonly index: Node; readonly weight: Node | null }[] = [{ index: g.constant(0), weight: null }];
  for (const [k, { first, weights }] of places.entries()) {
    const size = g.constant(axes[k].count);
    corners = corners.flatMap(({ index, weight }) =>
      weights.map((own, offset) => ({
        index: g.add(g.multiply(index, size), g.add(first, g.constant(offset))),
        weight: weight === null ? own : g.multiply(weight, own),
      })),
    );
  }
  return tables.map((table) => {
    let total: Node | null = null;
    for (const { index, weight } of corners) {
      const part = g.multiply(weight as Node, g.lookup(table, index));
      total = total === null ? part : g.add(total, part);
    }
    return total as Node;
  });
}

/** The first of the four nodes around x, and the weights of the four. */
function place(g: GraphBuilder, axis: GridAxis, x: Node): { readonly first: Node; readonly weights: readonly Node[] } {
  const one = g.constant(1);
  const u = g.divide(g.subtract(x, g.constant(axis.low)), g.constant(gridStep(axis)));
  const below = g.subtract(g.floor(u), one);
  const last = g.constant(axis.count - 4);
  const clamped = g.select(g.less(below, last), below, last);
  const first = g.select(g.less(g.constant(0), clamped), clamped, g.constant(0));
  // t = 0 at the second node: the Lagrange weights on the nodes -1, 0, 1, 2.
  const t = g.subtract(g.subtract(u, first), one);
  const [plus, minus, minusTwo] = [g.add(t, one), g.subtract(t, one), g.subtract(t, g.constant(2))];
  const product = (factor: number, a: Node, b: Node, c: Node): Node => g.multiply(g.constant(factor), g.multiply(a, g.multiply(b, c)));
  return {
    first,
    weights: [
      product(-1 / 6, t, minus, minusTwo),
      product(1 / 2, plus, minus, minusTwo),
      product(-1 / 2, plus, t, minusTwo),
      product(1 / 6, plus, t, minus),
    ],
  };
}
