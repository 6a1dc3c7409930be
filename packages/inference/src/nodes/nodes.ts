/** Nodes in slow state space and the weights with which a value at a state is interpolated from values at them: f(x) ≈ Σ_i l_i(x) f(x_i). */

/** How states between the nodes are reached. */
export type NodeKind = 'chebyshev' | 'cubic' | 'linear';

/** A box in slow state space. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** Interpolation between nodes. */
export interface Nodes {
  readonly kind: NodeKind;
  /** [dx]: the box that the nodes span. */
  readonly ranges: readonly Range[];
  /** [dx]: nodes along each direction. */
  readonly counts: readonly number[];
  /** n, the product of the counts. */
  readonly count: number;
  /** [dx] of [n]: the nodes, the last direction running fastest. */
  readonly points: readonly Float64Array[];
  /** Number of weights of a state that may differ from 0. */
  readonly width: number;
  /**
   * Writes the weights of a state, in the range; a state outside is moved to its edge.
   *
   * @param states [dx] of any length.
   * @param k Which of them.
   * @param indices [width] Receives the nodes.
   * @param weights [width] Receives their weights, which add up to 1.
   */
  weigh(states: readonly Float64Array[], k: number, indices: Int32Array, weights: Float64Array): void;
}

/** Weights along one direction. */
export interface Axis {
  readonly points: Float64Array;
  readonly width: number;
  weigh(x: number, indices: Int32Array, weights: Float64Array): void;
}

/**
 * Makes the grid of axes of one kind.
 *
 * @param axes One for each direction; weights are products.
 */
export function gridOf(kind: NodeKind, ranges: readonly Range[], axes: readonly Axis[]): Nodes {
  const counts = axes.map(({ points }) => points.length);
  const count = counts.reduce((product, size) => product * size, 1);
  const strides = counts.map((_, d) => counts.slice(d + 1).reduce((product, size) => product * size, 1));
  const points = axes.map((axis, d) => Float64Array.from({ length: count }, (_, i) => axis.points[Math.floor(i / strides[d]) % counts[d]]));
  const width = axes.reduce((product, axis) => product * axis.width, 1);
  const common = { kind, ranges, counts, count, points, width };
  if (axes.length === 1) return { ...common, weigh: (states, k, indices, weights) => axes[0].weigh(states[0][k], indices, weights) };
  const own = axes.map((axis) => ({ indices: new Int32Array(axis.width), weights: new Float64Array(axis.width) }));
  return {
    ...common,
    weigh(states, k, indices, weights) {
      for (const [d, axis] of axes.entries()) axis.weigh(states[d][k], own[d].indices, own[d].weights);
      for (let j = 0; j < width; j++) {
        let [rest, index, weight] = [j, 0, 1];
        for (let d = axes.length - 1; d >= 0; d--) {
          const at = rest % axes[d].width;
          rest = Math.floor(rest / axes[d].width);
          index += own[d].indices[at] * strides[d];
          weight *= own[d].weights[at];
        }
        indices[j] = index;
        weights[j] = weight;
      }
    },
  };
}

/**
 * Interpolates values at nodes to states.
 *
 * @param values [n]
 * @param states [dx] of [K]
 */
export function interpolated(nodes: Nodes, values: Float64Array, states: readonly Float64Array[]): Float64Array {
  const [indices, weights] = [new Int32Array(nodes.width), new Float64Array(nodes.width)];
  return Float64Array.from({ length: states[0].length }, (_, k) => {
    nodes.weigh(states, k, indices, weights);
    let total = 0;
    for (let j = 0; j < nodes.width; j++) total += weights[j] * values[indices[j]];
    return total;
  });
}
