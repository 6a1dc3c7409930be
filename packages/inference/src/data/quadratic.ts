/**
 * What the data say where the diffusion does not depend on the fast variables: sufficient statistics.
 *
 * With b̄ interpolated between n nodes by basis functions l_i, and A(x) = σσᵀ(x),
 *
 *   NLL(b̄) = constant + ½ Σ_pq b̄_pᵀ G_pq b̄_q - Σ_p b̄_pᵀ v_p,
 *   G_pq,ij = Σ_k l_i(x_k) l_j(x_k) (A⁻¹)_pq Δ_k,   v_p,i = Σ_k l_i(x_k) Σ_q (A⁻¹)_pq dx_kq,
 *
 * so a step that uses all data costs n nodes, whatever their number (Girsanov; the Euler density of each transition).
 */

/** Sufficient statistics of the transitions. */
export interface QuadraticStatistics {
  /** [dx][n]: the nodes' slow states. */
  readonly nodes: readonly Float64Array[];
  /** [dx][dx] of [n × n], row by row; G_qp = G_pqᵀ. */
  readonly gram: readonly (readonly Float64Array[])[];
  /** [dx] of [n]. */
  readonly moment: readonly Float64Array[];
  /** NLL of a zero drift, in nats, with all constants. */
  readonly zeroDrift: number;
  /** Number of transitions. */
  readonly count: number;
}
