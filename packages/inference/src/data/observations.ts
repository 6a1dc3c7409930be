/** Observed slow paths, and the transitions that likelihoods are made of. */

/** One observed path. */
export interface ObservedPath {
  /** [N + 1], increasing; spacing may vary. */
  readonly times: Float64Array;
  /** [dx][N + 1]: the slow components, in the model's order. */
  readonly values: readonly Float64Array[];
}

/** Transitions x_k -> x_k + dx_k over Δ_k, of all paths one after the other in time. */
export interface Transitions {
  readonly count: number;
  /** [dx][count]: where each one starts. */
  readonly from: readonly Float64Array[];
  /** [dx][count]: increments. */
  readonly increment: readonly Float64Array[];
  /** [count]: durations, > 0. */
  readonly duration: Float64Array;
  /** Transitions left out because they bridge a gap. */
  readonly gaps: number;
}
