/**
 * The exponential Euler scheme: what each component's drift has of itself is solved exactly, the rest is held over the step.
 *
 *   x' = x + h φ₁(λh) b(x, t) + √φ₁(2λh) Σ b^j(x, t) ΔW_j,   λ = ∂b_i/∂x_i,   φ₁(z) = (e^z - 1)/z
 *
 * With b = λx + r the first part is e^(λh) x + h φ₁(λh) r. The noise has the variance σ² (e^(2λh) - 1)/(2λ) of the Ornstein–Uhlenbeck process: a linear fast
 * variable has its exact law at any step while the others are held, and a stable one is stepped stably. λ may depend on other variables; components
 * whose own derivative depends on themselves are stepped by Euler–Maruyama, λ = 0.
 *
 * Source: Hochbruck & Ostermann (2010), Acta Numerica 19, (2.7), for φ₁; Uhlenbeck & Ornstein (1930) for the law; Shi, Xiao & Zhang (2012), "Approximating
 * stochastic evolution equations with exponential Euler", for the scheme with noise.
 */
import type { Node } from '@ergoflow/kernels';
import type { Equations } from '../equations.ts';
import { dependsOn } from './derivative.ts';
import { add, noiseChange } from './eulerStep.ts';
import { assemble, componentsOf, jacobian } from './jacobian.ts';
import { probe } from './noiseStructure.ts';
import { phi } from './phi.ts';
import { orders, type Scheme } from './scheme.ts';

/** A component takes a derivative of its own: beyond so many it is refused. */
const MOST_COMPONENTS = 64;

/** Takes equations in which some component's drift is linear in that component. */
export const exponentialEuler: Scheme = {
  name: 'exponential-euler',
  strongOrder: orders(1, 0.5),
  weakOrder: orders(1, 1),
  zeroNoiseOrder: 1,
  limit: 'equation',
  refuses(equations) {
    const count = componentsOf(equations).length;
    if (count > MOST_COMPONENTS) return `it takes at most ${MOST_COMPONENTS} components, and this equation has ${count}`;
    return linearParts(equations).includes(true) ? null : 'no component has a linear drift of its own, so it would be euler-maruyama';
  },
  step(g, equations, state, time, dt, increments) {
    const isOwn = linearParts(equations);
    const drift = equations.drift(g, state, time);
    const slopes = jacobian(g, equations, state, drift);
    const rates = slopes.map((row, i) => g.multiply((isOwn[i] ? row[i] : null) ?? g.constant(0), dt));
    const one = g.constant(1);
    const gain = assemble(
      g,
      equations,
      rates.map((z, i) => g.multiply(isOwn[i] ? phi(g, z) : one, dt)),
    );
    const spread = assemble(
      g,
      equations,
      rates.map((z, i) => (isOwn[i] ? g.squareRoot(phi(g, g.add(z, z))) : one)),
    );
    const noise = noiseChange(g, equations.noise(g, state, time), increments);
    return {
      state: add(
        g,
        state,
        new Map([...drift].map(([name, value]) => [name, g.multiply(value, gain.get(name) as Node)])),
        new Map([...noise].map(([name, value]) => [name, g.multiply(value, spread.get(name) as Node)])),
      ),
    };
  },
};

const known = new WeakMap<Equations, readonly boolean[]>();

/** For each component, whether ∂b_i/∂x_i is there and does not depend on the component's variable. */
function linearParts(equations: Equations): readonly boolean[] {
  const existing = known.get(equations);
  if (existing !== undefined) return existing;
  const { g, state, time } = probe(equations);
  const slopes = jacobian(g, equations, state, equations.drift(g, state, time));
  const result = componentsOf(equations).map(({ variable }, i) => {
    const own = slopes[i][i];
    return own !== null && !dependsOn(own, [state.get(variable) as Node]);
  });
  known.set(equations, result);
  return result;
}
