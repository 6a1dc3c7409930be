/**
 * What the data say where σ depends on the fast variables or on learned parameters: statistics of the transitions binned to nodes.
 *
 * The Euler density of a transition is a sum of data times functions of its start,
 *
 *   -ln N(dx; b̄Δ, āΔ) = ½ ln det(2πΔ 1) + ½ ln det ā + ½ tr(ā⁻¹ dx dxᵀ/Δ) - b̄ᵀ ā⁻¹ dx + ½ Δ b̄ᵀ ā⁻¹ b̄,
 *
 * and each function, not b̄ and ā themselves, is interpolated: f(x_k) ≈ Σ_i l_i(x_k) f(x_i). Then with N_i = Σ_k l_i(x_k), T_i = Σ l_i Δ_k, D_i = Σ l_i dx_k,
 * S_i = Σ l_i dx_k dx_kᵀ/Δ_k,
 *
 *   NLL(b̄, ā) ≈ constant + Σ_i ½ N_i ln det ā_i + ½ tr(ā_i⁻¹ (S_i - b̄_i D_iᵀ - D_i b̄_iᵀ + T_i b̄_i b̄_iᵀ)),   constant = ½ dx Σ_k ln(2πΔ_k),
 *
 * exact in the durations and in the increments; the error is that of the interpolation of smooth functions of x, of order h⁴ on cubic nodes.
 */
import { scalarFunction } from '@ergoflow/kernels';
import type { Nodes } from '../nodes/nodes.ts';
import { triangle } from './covariance.ts';
import { logSum } from './logarithms.ts';
import type { Transitions } from './observations.ts';

const LOG_TWO_PI = scalarFunction('log')(2 * Math.PI);

/** Statistics by node. */
export interface BinnedStatistics {
  /** [dx] of [n]: the nodes' slow states. */
  readonly nodes: readonly Float64Array[];
  /** [n]: N_i; adds up to the number of transitions. May be negative at nodes at the edge of the data, as cubic weights may. */
  readonly number: Float64Array;
  /** [n]: T_i. */
  readonly time: Float64Array;
  /** [dx] of [n]: D_i. */
  readonly displacement: readonly Float64Array[];
  /** [dx (dx + 1)/2] of [n]: S_i, lower triangle row by row. */
  readonly square: readonly Float64Array[];
  /** ½ dx Σ ln(2πΔ_k). */
  readonly constant: number;
  readonly count: number;
}

/** Gathers the statistics in one pass. */
export function gatherBinned({ count, from, increment, duration }: Transitions, nodes: Nodes): BinnedStatistics {
  const size = from.length;
  const zeros = (): Float64Array => new Float64Array(nodes.count);
  const [number, time] = [zeros(), zeros()];
  const displacement = increment.map(zeros);
  const square = Array.from({ length: (size * (size + 1)) / 2 }, zeros);
  const [indices, weights] = [new Int32Array(nodes.width), new Float64Array(nodes.width)];
  const logs = logSum();
  for (let k = 0; k < count; k++) {
    nodes.weigh(from, k, indices, weights);
    logs.add(duration[k]);
    for (let a = 0; a < nodes.width; a++) {
      const [i, weight] = [indices[a], weights[a]];
      number[i] += weight;
      time[i] += weight * duration[k];
      for (let p = 0; p < size; p++) {
        const part = weight * increment[p][k];
        displacement[p][i] += part;
        for (let q = 0; q <= p; q++) square[triangle(p, q)][i] += (part * increment[q][k]) / duration[k];
      }
    }
  }
  return { nodes: nodes.points, number, time, displacement, square, constant: (size * (logs.total() + count * LOG_TWO_PI)) / 2, count };
}
