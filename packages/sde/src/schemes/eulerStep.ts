/** What most schemes are made of: x + Σ parts, variable by variable. */
import type { GraphBuilder, Node } from '@ergoflow/kernels';
import type { Equations, NoiseOf, Values } from '../equations.ts';
import { combine } from './noiseStructure.ts';
import type { Increments } from './scheme.ts';

/** Adds changes to a state; a change without a variable's entry leaves it. */
export function add(g: GraphBuilder, state: Values, ...changes: readonly Values[]): Values {
  return new Map(
    [...state].map(([name, value]) => {
      // Changes first: they are small against the state.
      const parts = changes.flatMap((change) => change.get(name) ?? []);
      return [
        name,
        parts.length === 0
          ? value
          : g.add(
              value,
              parts.reduce((total, part) => g.add(total, part)),
            ),
      ];
    }),
  );
}

/** Multiplies all values by a number. */
export function scale(g: GraphBuilder, values: Values, factor: Node): Map<string, Node> {
  return new Map([...values].map(([name, value]) => [name, g.multiply(value, factor)]));
}

/** Adds values of equal variables. */
export function sum(g: GraphBuilder, [first, ...others]: readonly Values[]): Values {
  return new Map([...first].map(([name, value]) => [name, others.reduce((total, other) => g.add(total, other.get(name) as Node), value)]));
}

/** Σ_j b^j ΔW_j by variable. */
export function noiseChange(g: GraphBuilder, noise: readonly NoiseOf[], increments: Pick<Increments, 'get'>): Map<string, Node> {
  return combine(g, noise, (process) => increments.get(process));
}

/** The drift for h, then the noise of the increments, both at the state: the Euler–Maruyama step. */
export function eulerStep(g: GraphBuilder, equations: Equations, state: Values, time: Node, dt: Node, increments: Pick<Increments, 'get'>): Values {
  return add(g, state, scale(g, equations.drift(g, state, time), dt), noiseChange(g, equations.noise(g, state, time), increments));
}
