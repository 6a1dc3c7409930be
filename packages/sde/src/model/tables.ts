/** Tabulated functions of a model: values on a uniform grid, cubic between the nodes, and outside the grid the value at its nearest edge. */
import { type Document, formatPath, InputError, type Path } from '@ergoflow/input';
import type { GraphBuilder, Node } from '@ergoflow/kernels';
import { type GridAxis, interpolate } from '../averaged/interpolate.ts';
import type { TabulatedFunction } from './model.ts';
import type { ModelShape } from './schema.ts';

/**
 * Reads the `tables` of a model.
 *
 * @throws InputError if a range is empty or the number of values is not that of the nodes.
 */
export function readTables(document: Document, path: Path, shapes: NonNullable<ModelShape['tables']>): ReadonlyMap<string, TabulatedFunction> {
  return new Map(
    Object.entries(shapes).map(([name, { grid, values }]) => {
      const at = [...path, name];
      for (const [k, { low, high }] of grid.entries()) {
        if (low < high) continue;
        throw new InputError(
          `${formatPath([...at, 'grid', k])} goes from ${low} to ${high}: low must be below high`,
          document.placeOf([...at, 'grid', k]),
        );
      }
      const nodes = grid.reduce((product, { count }) => product * count, 1);
      if (values.length !== nodes) {
        throw new InputError(
          `${formatPath([...at, 'values'])} has ${values.length} numbers: the grid has ${nodes} nodes`,
          document.placeOf([...at, 'values']),
        );
      }
      return [name, tabulated(grid, values)];
    }),
  );
}

/** Makes the function; its values are constants of the graph. */
export function tabulated(axes: readonly GridAxis[], values: readonly number[]): TabulatedFunction {
  return {
    arity: axes.length,
    build(g: GraphBuilder, ...at: readonly Node[]) {
      const inside = axes.map(({ low, high }, k) => clamp(g, at[k], low, high));
      return interpolate(g, [g.constant(values)], axes, inside)[0];
    },
  };
}

function clamp(g: GraphBuilder, x: Node, low: number, high: number): Node {
  const [least, most] = [g.constant(low), g.constant(high)];
  // A NaN stays one, so that a lost path shows.
  const above = g.select(g.less(x, least), least, x);
  return g.select(g.less(most, above), most, above);
}
