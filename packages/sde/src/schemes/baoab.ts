/**
 * BAOAB for Langevin systems dq = c v dt, dv = (F(q, t) - γ v) dt + Σ s^j dW_j: half a kick, half a drift, the Ornstein–Uhlenbeck part exactly, and back.
 *
 *   B  v ← v + ½h F(q, t)      A  q ← q + ½h c v      O  v ← e^(-γh) v + √φ₁(-2γh) Σ s^j ΔW_j      A      B at t + h
 *
 * The law of positions is of order 2 in h, and of order 4 at high friction. F is evaluated at both ends of a step.
 *
 * Source: Leimkuhler & Matthews (2013), "Rational construction of stochastic numerical methods for molecular sampling", Appl. Math. Res. Express 2013, 34.
 */
import { FUNCTIONS, type GraphBuilder, type Node } from '@ergoflow/kernels';
import type { Values } from '../equations.ts';
import { add, noiseChange } from './eulerStep.ts';
import { langevinConstants, langevinPairs, type Pair } from './langevin.ts';
import { phi } from './phi.ts';
import { orders, type Scheme } from './scheme.ts';

/** Takes Langevin systems. */
export const baoab: Scheme = {
  name: 'baoab',
  strongOrder: orders(1, null),
  weakOrder: orders(2, null),
  zeroNoiseOrder: 2,
  limit: 'equation',
  refuses(equations) {
    const pairs = langevinPairs(equations);
    return typeof pairs === 'string' ? pairs : null;
  },
  step(g, equations, state, time, dt, increments) {
    const pairs = langevinPairs(equations) as readonly Pair[];
    const { speed, friction } = langevinConstants(g, equations, state, time, pairs);
    const half = g.multiply(g.constant(0.5), dt);
    const kick = (values: Values, at: Node): Values => {
      const force = equations.drift(g, resting(g, values, pairs), at);
      return add(g, values, new Map(pairs.map(({ velocity }) => [velocity, g.multiply(half, force.get(velocity) as Node)])));
    };
    const drift = (values: Values): Values =>
      add(
        g,
        values,
        new Map(
          pairs.map(({ position, velocity }) => [position, g.multiply(g.multiply(half, speed.get(position) as Node), values.get(velocity) as Node)]),
        ),
      );
    const decay = new Map([...friction].map(([name, rate]) => [name, g.negate(g.multiply(rate, dt))]));
    const pushed = noiseChange(g, equations.noise(g, state, time), increments);
    const thermal = (values: Values): Values =>
      new Map(
        [...values].map(([name, value]) => {
          const z = decay.get(name);
          if (z === undefined) return [name, value];
          const left = g.multiply(FUNCTIONS.exp.build(g, z), value);
          const push = pushed.get(name);
          return [name, push === undefined ? left : g.add(left, g.multiply(g.squareRoot(phi(g, g.add(z, z))), push))];
        }),
      );
    return { state: kick(drift(thermal(drift(kick(state, time)))), g.add(time, dt)) };
  },
};

/** The state with all velocities 0, where the drift is the force alone. */
function resting(g: GraphBuilder, state: Values, pairs: readonly Pair[]): Values {
  const velocities = new Set(pairs.map(({ velocity }) => velocity));
  return new Map([...state].map(([name, value]) => [name, velocities.has(name) ? g.constant(new Array<number>(value.width).fill(0)) : value]));
}
