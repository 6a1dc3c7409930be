/**
 * The tamed Euler scheme: x' = x + b h/(1 + h|b|) + Σ b^j ΔW_j, for drifts that grow faster than linearly.
 *
 * The drift's part of a step is shorter than 1 whatever the drift, so paths do not explode as Euler–Maruyama's do. |b| is the norm over all variables:
 * one that moves fast slows down the others.
 *
 * Source: Hutzenthaler, Jentzen & Kloeden (2012), "Strong convergence of an explicit numerical method for SDEs with nonglobally Lipschitz continuous
 * coefficients", Ann. Appl. Probab. 22, (4); order ½ there, for one-sided Lipschitz drift and globally Lipschitz noise.
 */
import { add, noiseChange, scale } from './eulerStep.ts';
import { norm } from './norm.ts';
import { orders, type Scheme } from './scheme.ts';

/** Takes all equations. */
export const tamedEuler: Scheme = {
  name: 'tamed-euler',
  strongOrder: orders(1, 0.5),
  weakOrder: orders(1, 1),
  zeroNoiseOrder: 1,
  limit: 'equation',
  refuses: () => null,
  step(g, equations, state, time, dt, increments) {
    const drift = equations.drift(g, state, time);
    const tamed = g.divide(dt, g.add(g.constant(1), g.multiply(dt, norm(g, drift))));
    return { state: add(g, state, scale(g, drift, tamed), noiseChange(g, equations.noise(g, state, time), increments)) };
  },
};
