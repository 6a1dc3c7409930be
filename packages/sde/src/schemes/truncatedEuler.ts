/**
 * The truncated Euler scheme: Euler–Maruyama with drift and noise taken at the state drawn back into a ball, π(x) = x·min(1, R(h)/|x|).
 *
 * R(h) = μ⁻¹(k(h)) with μ(r) = (r/scale)^growth a bound of the coefficients up to a constant, and k(h) = bound·h^(-1/4): the ball grows as the step shrinks,
 * and h k(h) tends to 0. So coefficients of polynomial growth stay small against 1/h, and what is inside the ball is stepped as by Euler–Maruyama.
 *
 * Source: Mao (2015), "The truncated Euler–Maruyama method for stochastic differential equations", J. Comput. Appl. Math. 290, (2.5)–(2.8); rates in
 * Mao (2016), ibid. 296.
 */
import { FUNCTIONS, type GraphBuilder, type Node } from '@ergoflow/kernels';
import type { Values } from '../equations.ts';
import { add, noiseChange, scale as scaled } from './eulerStep.ts';
import { norm } from './norm.ts';
import { orders, type Scheme } from './scheme.ts';

/** How the ball depends on the step. */
export interface Truncation {
  /** Size of the states that matter, > 0. */
  readonly scale: number;
  /** Power at which the coefficients grow, ≥ 1. */
  readonly growth: number;
  /** Size of the coefficients at the edge of the ball, at step 1; > 0. */
  readonly bound: number;
}

/** For states of size 1 and cubic drift: R = 3.1 h^(-1/12), where h·R³ < R up to steps of 0.2. */
export const TRUNCATION: Truncation = { scale: 1, growth: 3, bound: 30 };

/** Makes the scheme; takes all equations. */
export function truncatedEuler({ scale, growth, bound }: Truncation = TRUNCATION): Scheme {
  const log = (g: GraphBuilder, x: Node): Node => FUNCTIONS.log.build(g, x);
  const power = (g: GraphBuilder, x: Node, exponent: number): Node => FUNCTIONS.exp.build(g, g.multiply(g.constant(exponent), log(g, x)));
  return {
    name: 'truncated-euler',
    strongOrder: orders(1, 0.5),
    weakOrder: orders(1, 1),
    zeroNoiseOrder: 1,
    limit: 'equation',
    refuses: () => null,
    step(g, equations, state, time, dt, increments) {
      // R = scale·(bound·h^(-1/4))^(1/growth)
      const coefficient = g.multiply(power(g, g.constant(bound), 1 / growth), g.constant(scale));
      const radius = g.multiply(coefficient, power(g, dt, -1 / (4 * growth)));
      const size = norm(g, state);
      const factor = g.select(g.less(radius, size), g.divide(radius, size), g.constant(1));
      const inside: Values = scaled(g, state, factor);
      const drift = scaled(g, equations.drift(g, inside, time), dt);
      return { state: add(g, state, drift, noiseChange(g, equations.noise(g, inside, time), increments)) };
    },
  };
}
