/**
 * Projective integration: a few small Euler–Maruyama steps of the full system, then one long step of the slow variables along the mean of their drifts.
 *
 *   m inner steps of δ = min(u ε, H/m) of X and Y;   b̂ = mean of b over the last n of them
 *   X' = X + (H - m δ) b̂ + σ(X, Y) ΔW_rest,          Y' = Y
 *
 * The inner steps and the rest share out the Wiener increment ΔW of the whole step: parts e_k of the right variances are drawn and pinned to the sum,
 * e_k + (δ/H)(ΔW - Σ e). So for H ≤ m u ε, where there is nothing to project, the scheme is Euler–Maruyama at H/m on the very path; for H ≫ m u ε it steps
 * the averaged equation, with the fluctuations of a scale separation H/(n u).
 *
 * Source: Gear & Kevrekidis (2003), SIAM J. Sci. Comput. 24, (2.1), for projective Euler; Givon, Kevrekidis & Kupferman (2006), "Strong convergence of
 * projective integration schemes for singularly perturbed stochastic differential systems", Commun. Math. Sci. 4. They hold the slow variables in the inner steps.
 */
import type { GraphBuilder, Node } from '@ergoflow/kernels';
import type { Values } from '../equations.ts';
import { EPSILON } from '../system.ts';
import { eulerMaruyama } from './eulerMaruyama.ts';
import { add, eulerStep, noiseChange, scale, sum } from './eulerStep.ts';
import { MICRO_SOLVER, type MicroSolver, multiscaleObstacle } from './multiscale.ts';
import { type Increments, orders, type Scheme } from './scheme.ts';

/** Makes the scheme; takes slow–fast equations. */
export function projectiveIntegration({ relaxation, average, unitStep }: MicroSolver = MICRO_SOLVER): Scheme {
  const count = relaxation + average;
  return {
    name: 'projective-integration',
    strongOrder: orders(1, 0.5),
    weakOrder: orders(1, 1),
    zeroNoiseOrder: 1,
    limit: 'equation',
    micro: { scheme: eulerMaruyama, unitStep },
    refuses: multiscaleObstacle,
    step(g, equations, state, time, dt, increments) {
      const slow = equations.slow as ReadonlySet<string>;
      const resolved = g.multiply(g.constant(unitStep), g.uniform(EPSILON));
      const share = g.divide(dt, g.constant(count));
      const inner = g.select(g.less(resolved, share), resolved, share);
      const done = g.multiply(g.constant(count), inner);
      // Rounding must not make a length of 0 negative.
      const rest = g.select(g.less(done, dt), g.subtract(dt, done), g.constant(0));
      const parts = new Map(equations.processes.map(({ name }) => [name, bridge(g, increments, name, dt, inner, rest, count)]));
      const part = (k: number): Pick<Increments, 'get'> => ({ get: (process) => (parts.get(process) as readonly Node[])[k] });
      let now = state;
      const slopes: Values[] = [];
      for (let k = 0; k < count; k++) {
        const at = g.add(time, g.multiply(g.constant(k), inner));
        if (k >= relaxation) slopes.push(new Map([...equations.drift(g, now, at)].filter(([name]) => slow.has(name))));
        now = eulerStep(g, equations, now, at, inner, part(k));
      }
      const noise = equations.noise(g, now, g.add(time, done)).filter(({ variable }) => slow.has(variable));
      const mean = scale(g, sum(g, slopes), g.divide(rest, g.constant(average)));
      return { state: add(g, now, mean, noiseChange(g, noise, part(count))) };
    },
  };
}

/** Increments over `count` inner steps and over the rest, which add up to that of the whole step: a Brownian bridge at these times. */
function bridge(g: GraphBuilder, increments: Increments, process: string, dt: Node, inner: Node, rest: Node, count: number): Node[] {
  const free = increments.normals(process, 'bridge', count + 1).map((normal, k) => g.multiply(g.squareRoot(k < count ? inner : rest), normal));
  const excess = g.subtract(
    increments.get(process),
    free.reduce((total, value) => g.add(total, value)),
  );
  return free.map((value, k) => g.add(value, g.multiply(g.divide(k < count ? inner : rest, dt), excess)));
}
