/** The Euler–Maruyama scheme (Maruyama 1955; Kloeden & Platen 1992, §10.2): x' = x + b(x, t) h + Σ σ_k(x, t) ΔW_k. */
import type { Node } from '@ergoflow/kernels';
import type { Scheme } from './scheme.ts';

/** Strong order ½ (1 where the noise is additive), weak order 1; one evaluation of drift and noise a step; converges to the Itô solution. */
export const eulerMaruyama: Scheme = {
  name: 'euler-maruyama',
  strongOrder: { additive: 1, general: 0.5 },
  weakOrder: 1,
  step(g, equations, state, time, dt, increments) {
    const drift = equations.drift(g, state, time);
    const noise = equations.noise(g, state, time);
    return new Map(
      equations.variables.map(({ name }) => {
        let change = g.multiply(drift.get(name) as Node, dt);
        for (const term of noise) {
          if (term.variable === name) change = g.add(change, g.multiply(term.coefficient, increments.get(term.process) as Node));
        }
        return [name, g.add(state.get(name) as Node, change)];
      }),
    );
  },
};
