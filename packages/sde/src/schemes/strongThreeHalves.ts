/**
 * A Runge–Kutta scheme of strong order 3/2 for additive noise, SRA1.
 *
 *   x̃ = x + ¾ h b(x, t) + (3/2) Σ b^j(t + h) ΔZ_j/h
 *   x' = x + h (⅓ b(x, t) + ⅔ b(x̃, t + ¾h)) + Σ b^j(t + h) (ΔW_j - ΔZ_j/h) + Σ b^j(t) ΔZ_j/h
 *
 * ΔZ_j = ∫ (W_j(s) - W_j(t)) ds over the step. For constant noise the last two sums are Σ b^j ΔW_j.
 *
 * Source: Rößler (2010), "Runge–Kutta methods for the strong approximation of solutions of stochastic differential equations", SIAM J. Numer. Anal. 48,
 * (6.5) and table 6.3 (SRA1).
 */

import { add, scale } from './eulerStep.ts';
import { combine, noiseStructure } from './noiseStructure.ts';
import { orders, type Scheme } from './scheme.ts';

/** Takes equations with additive noise, which may depend on the time. */
export const strongThreeHalves: Scheme = {
  name: 'strong-three-halves',
  strongOrder: orders(1.5, null),
  weakOrder: orders(2, null),
  zeroNoiseOrder: 2,
  limit: 'equation',
  refuses: (equations) => (noiseStructure(equations).isAdditive ? null : 'its noise depends on the state, and the scheme is for additive noise'),
  step(g, equations, state, time, dt, increments) {
    const [now, later] = [equations.noise(g, state, time), equations.noise(g, state, g.add(time, dt))];
    const area = (process: string) => g.divide(increments.area(process), dt);
    const first = equations.drift(g, state, time);
    const stage = add(
      g,
      state,
      scale(g, first, g.multiply(g.constant(0.75), dt)),
      scale(
        g,
        combine(g, later, (process) => area(process)),
        g.constant(1.5),
      ),
    );
    const second = equations.drift(g, stage, g.add(time, g.multiply(g.constant(0.75), dt)));
    return {
      state: add(
        g,
        state,
        scale(g, first, g.divide(dt, g.constant(3))),
        scale(g, second, g.multiply(g.constant(2 / 3), dt)),
        combine(g, later, (process) => g.subtract(increments.get(process), area(process))),
        combine(g, now, area),
      ),
    };
  },
};
