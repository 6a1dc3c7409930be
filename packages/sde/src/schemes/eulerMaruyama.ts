/** The Euler–Maruyama scheme (Maruyama 1955; Kloeden & Platen 1992, §10.2): x' = x + b(x, t) h + Σ b^j(x, t) ΔW_j. */
import { eulerStep } from './eulerStep.ts';
import { orders, type Scheme } from './scheme.ts';

/** Takes all equations. */
export const eulerMaruyama: Scheme = {
  name: 'euler-maruyama',
  strongOrder: orders(1, 0.5),
  weakOrder: orders(1, 1),
  zeroNoiseOrder: 1,
  limit: 'equation',
  refuses: () => null,
  step: (g, equations, state, time, dt, increments) => ({ state: eulerStep(g, equations, state, time, dt, increments) }),
};
