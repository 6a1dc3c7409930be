/** The schemes, by name. A new one is one file and one line here. */
import type { GraphBuilder, Node } from '@ergoflow/kernels';
import type { Equations, Values } from '../equations.ts';
import { eulerMaruyama } from './eulerMaruyama.ts';

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

/** All schemes by name. */
export const SCHEMES: ReadonlyMap<string, Scheme> = new Map([eulerMaruyama].map((scheme) => [scheme.name, scheme]));
