/** Boxes cut into equal cells, and the box that holds a law but for its tails. */

/** One interval for each direction. */
export type Box = readonly { readonly low: number; readonly high: number }[];

/** Masses of the cells of a box, [cells^d], the last direction running fastest; they sum to 1. */
export type CellMasses = (box: Box, cells: number) => Float64Array;

/** The number of cells of a box, cells^dimension. */
export function cellsOf(cells: number, dimension: number): number {
  let total = 1;
  for (let axis = 0; axis < dimension; axis++) total *= cells;
  return total;
}

/** The midpoints of all cells, [d] of [cells^d]. */
export function midpoints(box: Box, cells: number): Float64Array[] {
  const total = cellsOf(cells, box.length);
  return box.map(({ low, high }, axis) => {
    const stride = cellsOf(cells, box.length - 1 - axis);
    return Float64Array.from({ length: total }, (_, k) => low + ((high - low) * ((Math.floor(k / stride) % cells) + 0.5)) / cells);
  });
}

/** Masses summed over all directions but one, [cells]. */
export function marginal(masses: Float64Array, cells: number, dimension: number, axis: number): Float64Array {
  const stride = cellsOf(cells, dimension - 1 - axis);
  const out = new Float64Array(cells);
  for (let k = 0; k < masses.length; k++) out[Math.floor(k / stride) % cells] += masses[k];
  return out;
}

/** A cell counts as a tail's if its share of a marginal is below this fraction of the largest one. */
const TAIL = 1e-11;

/** Boxes tried; each doubles a side or takes tails off, so this reaches from 1 to beyond 1e12. */
const TRIALS = 60;

/**
 * Finds the box that holds a law: sides move out by a width where the outermost cells are not empty, and in where many are.
 *
 * A law with heavy tails has no such box; the last one tried is given then, and {@link edgeMass} tells.
 *
 * @param start Where to begin.
 * @param cells Cells in each direction of the trials.
 */
export function holdingBox(masses: CellMasses, start: Box, cells: number): Box {
  let box = start;
  for (let trial = 0; trial < TRIALS; trial++) {
    const law = masses(box, cells);
    let settled = true;
    box = box.map(({ low, high }, axis) => {
      const shares = marginal(law, cells, box.length, axis);
      const least = TAIL * shares.reduce((a, b) => Math.max(a, b));
      const width = (high - low) / cells;
      const [first, last] = [shares.findIndex((share) => share > least), shares.findLastIndex((share) => share > least)];
      const grow = { low: first === 0 ? high - low : 0, high: last === cells - 1 ? high - low : 0 };
      if (grow.low + grow.high === 0 && last - first + 3 > 0.8 * cells) return { low, high };
      settled = false;
      return {
        low: grow.low > 0 ? low - grow.low : low + Math.max(0, first - 1) * width,
        high: grow.high > 0 ? high + grow.high : low + Math.min(cells, last + 2) * width,
      };
    });
    if (settled) break;
  }
  return box;
}

/** The largest mass (or part of a sum) that the outermost cells of a direction hold. */
export function edgeMass(masses: Float64Array, cells: number, dimension: number): number {
  let most = 0;
  for (let axis = 0; axis < dimension; axis++) {
    const shares = marginal(masses, cells, dimension, axis);
    most = Math.max(most, shares[0] + shares[cells - 1]);
  }
  return most;
}
