/**
 * The drift-implicit Euler scheme, x' = x + h b(x', t + h) + Σ b^j(x, t) ΔW_j, for stiff drifts.
 *
 * Source: Kloeden & Platen (1992), (12.2.7); Higham, Mao & Stuart (2002), SIAM J. Numer. Anal. 40, §5, for one-sided Lipschitz drifts.
 */
import { add, noiseChange } from './eulerStep.ts';
import { implicitObstacle, implicitStage } from './implicitStage.ts';
import { orders, type Scheme } from './scheme.ts';

/** Takes equations of few components; exact in the implicit part where the drift is linear. */
export const driftImplicitEuler: Scheme = {
  name: 'drift-implicit-euler',
  strongOrder: orders(1, 0.5),
  weakOrder: orders(1, 1),
  zeroNoiseOrder: 1,
  limit: 'equation',
  refuses: implicitObstacle,
  step(g, equations, state, time, dt, increments) {
    const moved = add(g, state, noiseChange(g, equations.noise(g, state, time), increments));
    return implicitStage(g, equations, moved, g.add(time, dt), dt);
  },
};
