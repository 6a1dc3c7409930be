/** Stochastic differential equations as macros over the graph: what a scheme steps and a program carries. */
import type { GraphBuilder, Named, Node } from '@ergoflow/kernels';

/** Nodes by variable. */
export type Values = ReadonlyMap<string, Node>;

/** One term of the noise: `coefficient · dW` of a process added to a variable. */
export interface NoiseOf {
  readonly variable: string;
  readonly process: string;
  /** Elementwise factor, of the variable's width or 1. */
  readonly coefficient: Node;
}

/** dX = drift(X, t) dt + Σ coefficient(X, t) dW in Itô's sense, X the list of variables. */
export interface Equations {
  readonly variables: readonly Named[];
  /** Independent Wiener processes; one of width 1 acts on all components alike, one of its variable's width on each by itself. */
  readonly processes: readonly Named[];
  /** The slow variables of a slow–fast system; absent where there is no such division. */
  readonly slow?: ReadonlySet<string>;
  drift(g: GraphBuilder, state: Values, time: Node): Values;
  noise(g: GraphBuilder, state: Values, time: Node): readonly NoiseOf[];
}
