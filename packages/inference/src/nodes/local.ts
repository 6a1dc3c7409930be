/** Equally spaced nodes with local weights, in any dimension: piecewise linear (never negative) or piecewise cubic (Lagrange through the four nearest). */
import { type Axis, gridOf, type Nodes, type Range } from './nodes.ts';

/**
 * Makes an equally spaced grid.
 *
 * @param kind `linear`: error h²/8·f''. `cubic`: about h⁴/40·f''''; kinks cost h instead, but only in their neighbourhood.
 * @param counts Along each direction; ≥ 2 for linear, ≥ 4 for cubic.
 */
export function localNodes(kind: 'linear' | 'cubic', ranges: readonly Range[], counts: readonly number[]): Nodes {
  const least = kind === 'linear' ? 2 : 4;
  for (const count of counts) {
    if (!Number.isInteger(count) || count < least) throw new RangeError(`counts must be whole numbers of at least ${least}, got ${count}`);
  }
  const make = kind === 'linear' ? linearAxis : cubicAxis;
  return gridOf(
    kind,
    ranges,
    ranges.map((range, d) => make(range, counts[d])),
  );
}

const spaced = ({ low, high }: Range, count: number): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => (i === count - 1 ? high : low + ((high - low) * i) / (count - 1)));

function linearAxis(range: Range, count: number): Axis {
  const perUnit = (count - 1) / (range.high - range.low);
  return {
    points: spaced(range, count),
    width: 2,
    weigh(x, indices, weights) {
      const place = Math.min(count - 1, Math.max(0, (x - range.low) * perUnit));
      const cell = Math.min(count - 2, Math.floor(place));
      const t = place - cell;
      indices[0] = cell;
      indices[1] = cell + 1;
      weights[0] = 1 - t;
      weights[1] = t;
    },
  };
}

function cubicAxis(range: Range, count: number): Axis {
  const perUnit = (count - 1) / (range.high - range.low);
  return {
    points: spaced(range, count),
    width: 4,
    weigh(x, indices, weights) {
      const place = Math.min(count - 1, Math.max(0, (x - range.low) * perUnit));
      const first = Math.min(count - 4, Math.max(0, Math.floor(place) - 1));
      const t = place - first;
      const [t1, t2, t3] = [t - 1, t - 2, t - 3];
      for (let j = 0; j < 4; j++) indices[j] = first + j;
      weights[0] = -(t1 * t2 * t3) / 6;
      weights[1] = (t * t2 * t3) / 2;
      weights[2] = -(t * t1 * t3) / 2;
      weights[3] = (t * t1 * t2) / 6;
    },
  };
}
