/**
 * The heterogeneous multiscale method: a micro-solver of the fast process with the slow variables held, an average of the slow drift along it, a macro-step.
 *
 *   Y_(m+1) = Y_m + (u ε) β(X, Y_m)/ε + √(u ε) α(X, Y_m)/√ε ζ_m,   m = 0 … M - 1
 *   X' = X + H · mean of b(X, Y_m) over the last n + σ(X) ΔW,       Y' = Y_M
 *
 * It converges to the averaged equation as H → 0, whatever ε: weakly of order 1, strongly of order ½, as the fluctuations of the average are those of a
 * scale separation H/(n u). What the micro-solver's own step u does to the averages stays. The fast path is no path of the full system.
 *
 * Source: Vanden-Eijnden (2003), "Numerical techniques for multi-scale dynamical systems with stochastic effects", Commun. Math. Sci. 1; E, Liu &
 * Vanden-Eijnden (2005), "Analysis of multiscale methods for stochastic differential equations", Comm. Pure Appl. Math. 58, §2.
 */
import type { Node } from '@ergoflow/kernels';
import type { Values } from '../equations.ts';
import { EPSILON } from '../system.ts';
import { eulerMaruyama } from './eulerMaruyama.ts';
import { add, noiseChange, scale, sum } from './eulerStep.ts';
import { MICRO_SOLVER, type MicroSolver, multiscaleObstacle, slowNoiseReadsFast } from './multiscale.ts';
import { combine } from './noiseStructure.ts';
import { orders, type Scheme } from './scheme.ts';

/** Makes the scheme; takes slow–fast equations whose slow noise does not depend on fast variables. */
export function heterogeneousMultiscale({ relaxation, average, unitStep }: MicroSolver = MICRO_SOLVER): Scheme {
  const count = relaxation + average;
  return {
    name: 'heterogeneous-multiscale',
    strongOrder: orders(0.5, 0.5),
    weakOrder: orders(1, 1),
    zeroNoiseOrder: 1,
    limit: 'averaged',
    micro: { scheme: eulerMaruyama, unitStep },
    refuses(equations) {
      return (
        multiscaleObstacle(equations) ??
        (slowNoiseReadsFast(equations)
          ? 'the noise of a slow variable depends on fast ones, and only drifts are averaged; take projective-integration'
          : null)
      );
    },
    step(g, equations, state, time, dt, increments) {
      const isSlow = (name: string): boolean => equations.slow?.has(name) === true;
      const only = (values: Values, slow: boolean): Map<string, Node> => new Map([...values].filter(([name]) => isSlow(name) === slow));
      const micro = g.multiply(g.constant(unitStep), g.uniform(EPSILON));
      const deviation = g.squareRoot(micro);
      const normals = new Map(equations.processes.map(({ name }) => [name, increments.normals(name, 'micro', count)]));
      let now = state;
      const slopes: Values[] = [];
      for (let m = 0; m < count; m++) {
        const drift = equations.drift(g, now, time);
        const noise = equations.noise(g, now, time).filter(({ variable }) => !isSlow(variable));
        if (m >= relaxation) slopes.push(only(drift, true));
        const shock = combine(g, noise, (process) => g.multiply(deviation, (normals.get(process) as readonly Node[])[m]));
        now = add(g, now, scale(g, only(drift, false), micro), shock);
      }
      const mean = scale(g, sum(g, slopes), g.divide(dt, g.constant(average)));
      const noise = equations.noise(g, state, time).filter(({ variable }) => isSlow(variable));
      return { state: add(g, now, mean, noiseChange(g, noise, increments)) };
    },
  };
}
