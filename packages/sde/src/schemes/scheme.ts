/** What a scheme is: one way to step an equation, with the orders it has. */
import type { GraphBuilder, Node } from '@ergoflow/kernels';
import type { Equations, Values } from '../equations.ts';

/** One way to step an equation. */
export interface Scheme {
  readonly name: string;
  readonly strongOrder: { readonly additive: number; readonly general: number };
  readonly weakOrder: number;
  /**
   * Builds the state after one step.
   *
   * @param time Time at the beginning of the step.
   * @param dt Step, > 0.
   * @param increments By process: its increment over the step.
   */
  step(g: GraphBuilder, equations: Equations, state: Values, time: Node, dt: Node, increments: Values): Values;
}
