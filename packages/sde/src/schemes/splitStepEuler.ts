/**
 * The split-step backward Euler scheme, x* = x + h b(x*, t + h), x' = x* + Σ b^j(x*, t) ΔW_j, for stiff drifts: first the drift, then the noise from there.
 *
 * Source: Higham, Mao & Stuart (2002), "Strong convergence of Euler-type methods for nonlinear stochastic differential equations", SIAM J. Numer. Anal. 40,
 * (3.1)–(3.2).
 */
import { add, noiseChange } from './eulerStep.ts';
import { implicitObstacle, implicitStage } from './implicitStage.ts';
import { orders, type Scheme } from './scheme.ts';

/** Takes equations of few components; exact in the implicit part where the drift is linear. */
export const splitStepEuler: Scheme = {
  name: 'split-step-euler',
  strongOrder: orders(1, 0.5),
  weakOrder: orders(1, 1),
  zeroNoiseOrder: 1,
  limit: 'equation',
  refuses: implicitObstacle,
  step(g, equations, state, time, dt, increments) {
    const stage = implicitStage(g, equations, state, g.add(time, dt), dt);
    return { ...stage, state: add(g, stage.state, noiseChange(g, equations.noise(g, stage.state, time), increments)) };
  },
};
