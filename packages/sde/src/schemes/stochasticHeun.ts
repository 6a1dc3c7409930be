/**
 * The stochastic Heun scheme, with the drift that makes its limit the Itô solution.
 *
 * Heun's scheme for dX = a dt + Σ b^j ∘ dW_j,  x̃ = x + a h + Σ b^j ΔW_j,  x' = x + ½(a(x) + a(x̃)) h + ½ Σ (b^j(x) + b^j(x̃)) ΔW_j,  converges to the
 * Stratonovich solution. Models are meant in Itô's sense, so it is given a = b - ½ Σ L^j b^j, whose Stratonovich solution is the Itô solution of the
 * model. The derivatives are exact, taken off the graph of the equations. A model meant in Stratonovich's sense is to be written in Itô's first.
 *
 * Source: Rümelin (1982), SIAM J. Numer. Anal. 19; Kloeden & Platen (1992), (4.9.11) for the correction.
 */
import type { GraphBuilder, Node } from '@ergoflow/kernels';
import type { Equations, NoiseOf, Values } from '../equations.ts';
import { selfDerivative, tooManyColumns } from './correction.ts';
import { add, noiseChange, scale } from './eulerStep.ts';
import { orders, type Scheme } from './scheme.ts';

/** Takes all equations with few enough processes. */
export const stochasticHeun: Scheme = {
  name: 'stochastic-heun',
  strongOrder: orders(1, 1, 1, 0.5),
  weakOrder: orders(2, 1),
  zeroNoiseOrder: 2,
  limit: 'equation',
  refuses: tooManyColumns,
  step(g, equations, state, time, dt, increments) {
    const now = slope(g, equations, state, time);
    const predicted = add(g, state, scale(g, now.drift, dt), noiseChange(g, now.noise, increments));
    const then = slope(g, equations, predicted, g.add(time, dt));
    const half = g.constant(0.5);
    const drift = scale(g, add(g, now.drift, then.drift), g.multiply(half, dt));
    const noise = scale(g, add(g, noiseChange(g, now.noise, increments), noiseChange(g, then.noise, increments)), half);
    return { state: add(g, state, drift, noise) };
  },
};

/** The Stratonovich drift and the noise at a state. */
function slope(g: GraphBuilder, equations: Equations, state: Values, time: Node): { readonly drift: Values; readonly noise: readonly NoiseOf[] } {
  const noise = equations.noise(g, state, time);
  const correction = scale(g, selfDerivative(g, equations, noise, state), g.constant(-0.5));
  return { drift: add(g, equations.drift(g, state, time), correction), noise };
}
