/**
 * The Milstein scheme for noise that commutes: Euler–Maruyama and ½ Σ_jk L^j b^k (ΔW_j ΔW_k - δ_jk h).
 *
 * Where L^j b^k = L^k b^j the iterated integrals are needed in these combinations only. With v = Σ b^j ΔW_j the sum is the derivative of
 * Σ b^k ΔW_k along v, less h Σ L^j b^j: one tangent in place of a double sum. The derivatives are exact, taken off the graph of the equations.
 *
 * Source: Milstein (1974); Kloeden & Platen (1992), (10.3.16) for commutative noise.
 */
import type { Node } from '@ergoflow/kernels';
import { selfDerivative, tooManyColumns } from './correction.ts';
import { tangents } from './derivative.ts';
import { add, noiseChange, scale } from './eulerStep.ts';
import { noiseKind } from './noiseKind.ts';
import { orders, type Scheme } from './scheme.ts';

/** Takes equations whose noise is diagonal or commutes. */
export const milstein: Scheme = {
  name: 'milstein',
  strongOrder: orders(1, 1, 1, null),
  weakOrder: orders(1, 1, 1, null),
  zeroNoiseOrder: 1,
  limit: 'equation',
  refuses(equations) {
    if (noiseKind(equations) !== 'general') return tooManyColumns(equations);
    return 'its noise does not commute, and the iterated integrals that would be needed are not simulated; take euler-maruyama or weak-two';
  },
  step(g, equations, state, time, dt, increments) {
    const drift = equations.drift(g, state, time);
    const noise = equations.noise(g, state, time);
    const change = noiseChange(g, noise, increments);
    const names = [...change.keys()];
    const half = g.constant(0.5);
    const second = new Map<string, Node>();
    for (const [k, tangent] of tangents(g, state, change, [...change.values()]).entries()) if (tangent !== null) second.set(names[k], tangent);
    const trace = scale(g, selfDerivative(g, equations, noise, state), g.negate(dt));
    return { state: add(g, state, scale(g, drift, dt), change, scale(g, second, half), scale(g, trace, half)) };
  },
};
