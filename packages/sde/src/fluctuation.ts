/**
 * The fluctuation of a full path about its averaged path, to first order: a martingale whose mean is exactly 0, so it can be taken off an estimate.
 *
 * With -L₀φ = b - b̄ the difference is X - X̄ ≈ √ε ∫ J(t, s) ∇φ α dW′, J the derivative of the averaged flow (Pavliotis & Stuart 2008, §10.5 and §17). φ is not
 * known; b stands for it, up to a factor that a regression finds:
 *
 *   C' = J C + (ε/2) [b(X, Y⁺) - b(X, Y⁻)],   Y± the next fast state from +ΔW′ and from -ΔW′
 *
 * Given the past and the slow processes, ΔW′ and -ΔW′ have one law, so each summand has mean 0, and with it E[h(X̄) C] = 0 for any h. This needs that
 * no process acts on slow and fast variables both.
 */
import type { GraphBuilder, Named, Node } from '@ergoflow/kernels';
import type { Equations, Values } from './equations.ts';
import type { Increments, Scheme } from './schemes/scheme.ts';
import { EPSILON } from './system.ts';

/** What one substep of an equation started from, was driven by, and led to. */
export interface Substep {
  readonly before: Values;
  readonly after: Values;
  readonly time: Node;
  readonly length: Node;
  readonly increments: Increments;
}

/** An equation with its scheme. */
export interface Stepped {
  readonly equations: Equations;
  readonly scheme: Scheme;
}

/** For differences that stand for derivatives: any value keeps the mean at 0, this one makes them accurate to single precision. */
export const DIFFERENCE = 2 ** -20;

/**
 * Builds C after one substep.
 *
 * @param slow The slow variables.
 * @param mirrored The processes that act on fast variables.
 * @param was C before, by slow variable.
 * @param full The substep of the full system.
 * @param averaged The same substep of the averaged equation.
 */
export function stepFluctuation(
  g: GraphBuilder,
  slow: readonly Named[],
  mirrored: ReadonlySet<string>,
  was: Values,
  full: Stepped & Substep,
  averaged: Stepped & Substep,
): Values {
  const opposite = mirror(g, full.increments, mirrored);
  const names = new Set(slow.map(({ name }) => name));
  const slowBefore = [...full.before].filter(([name]) => names.has(name));
  const driftAt = (after: Values): Values =>
    full.equations.drift(g, new Map([...[...after].filter(([name]) => !names.has(name)), ...slowBefore]), full.time);
  const plus = driftAt(full.after);
  const minus = driftAt(full.scheme.step(g, full.equations, full.before, full.time, full.length, opposite).state);
  const half = g.multiply(g.constant(0.5), g.uniform(EPSILON));
  const total = new Map(slow.map(({ name }) => [name, g.multiply(half, g.subtract(plus.get(name) as Node, minus.get(name) as Node))]));
  for (const { name, width } of slow) {
    for (let j = 0; j < width; j++) {
      const unit = g.constant(Array.from({ length: width }, (_, k) => (k === j ? DIFFERENCE : 0)));
      const moved = new Map([...averaged.before, [name, g.add(averaged.before.get(name) as Node, unit)]]);
      const stepped = averaged.scheme.step(g, averaged.equations, moved, averaged.time, averaged.length, averaged.increments).state;
      const size = g.multiply(g.gather(was.get(name) as Node, [j]), g.constant(1 / DIFFERENCE));
      for (const { name: to } of slow) {
        const change = g.subtract(stepped.get(to) as Node, averaged.after.get(to) as Node);
        total.set(to, g.add(total.get(to) as Node, g.multiply(change, size)));
      }
    }
  }
  return total;
}

/** All that is drawn for these processes with the other sign; it is Gaussian, so its law is the same. */
function mirror(g: GraphBuilder, increments: Increments, mirrored: ReadonlySet<string>): Increments {
  const turn = (process: string, node: Node): Node => (mirrored.has(process) ? g.negate(node) : node);
  return {
    get: (process) => turn(process, increments.get(process)),
    area: (process) => turn(process, increments.area(process)),
    normals: (process, purpose, count) => increments.normals(process, purpose, count).map((node) => turn(process, node)),
  };
}
