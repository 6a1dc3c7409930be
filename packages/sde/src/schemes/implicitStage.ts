/**
 * Solves x = base + h b(x, t) for x by Newton's method, the Jacobian taken off the graph.
 *
 * A linear drift needs one step, which is exact. Any other makes a fixed number of steps; where the last one was not small, the lane is marked as not
 * converged. The linear systems are eliminated without pivots, which is stable where I - hJ has a positive definite symmetric part, as for dissipative
 * drifts at any h and for all drifts at small h.
 */
import type { GraphBuilder, Node } from '@ergoflow/kernels';
import type { Equations, Values } from '../equations.ts';
import type { Tangent } from './derivative.ts';
import { assemble, componentsOf, isLinear, jacobian, pick } from './jacobian.ts';
import type { Step } from './scheme.ts';

/** Newton steps for a drift that is not linear. From a start as far as one step of the path, 5 do as a rule: each squares the error. */
export const NEWTON_STEPS = 8;
/** A last step below this share of 1 + |x| has left an error of about its square. */
export const NEWTON_TOLERANCE = 1e-7;
/** Elimination is written out: its length grows as the cube of the number of components. */
const MOST_COMPONENTS = 16;

/** Why an implicit stage cannot be had; null if it can. */
export function implicitObstacle(equations: Equations): string | null {
  const count = componentsOf(equations).length;
  return count <= MOST_COMPONENTS
    ? null
    : `it takes at most ${MOST_COMPONENTS} components, as it solves for all of them at once, and this equation has ${count}`;
}

/** Builds the solution. */
export function implicitStage(g: GraphBuilder, equations: Equations, base: Values, time: Node, h: Node): Step {
  const components = componentsOf(equations);
  const right = components.map((component) => pick(g, base, component));
  const exact = isLinear(equations);
  let x = right;
  let last: Node[] = [];
  for (let k = 0; k < (exact ? 1 : NEWTON_STEPS); k++) {
    const state = assemble(g, equations, x);
    const drift = equations.drift(g, state, time);
    const slopes = jacobian(g, equations, state, drift);
    const residual = components.map((component, i) => g.add(g.subtract(right[i], x[i]), g.multiply(h, pick(g, drift, component))));
    last = solve(
      g,
      slopes.map((row, i) => row.map((slope, j) => entry(g, slope, h, i === j))),
      residual,
    );
    x = x.map((value, i) => g.add(value, last[i]));
  }
  const state = assemble(g, equations, x);
  if (exact) return { state };
  let settled: Node | null = null;
  for (const [i, step] of last.entries()) {
    const bound = g.multiply(g.constant(NEWTON_TOLERANCE), g.add(g.constant(1), g.absolute(x[i])));
    const small = g.lessEqual(g.absolute(step), bound);
    settled = settled === null ? small : g.and(settled, small);
  }
  return { state, notConverged: g.not(settled as Node) };
}

/** Entry of I - hJ. */
function entry(g: GraphBuilder, slope: Tangent, h: Node, isDiagonal: boolean): Tangent {
  if (slope === null) return isDiagonal ? g.constant(1) : null;
  const scaled = g.multiply(h, slope);
  return isDiagonal ? g.subtract(g.constant(1), scaled) : g.negate(scaled);
}

/** Gaussian elimination, zeros skipped. */
function solve(g: GraphBuilder, matrix: readonly (readonly Tangent[])[], right: readonly Node[]): Node[] {
  const a = matrix.map((row) => [...row]);
  const b = [...right];
  const n = b.length;
  for (let k = 0; k < n; k++) {
    for (let i = k + 1; i < n; i++) {
      const below = a[i][k];
      if (below === null) continue;
      const factor = g.divide(below, a[k][k] as Node);
      for (let j = k + 1; j < n; j++) {
        const above = a[k][j];
        if (above === null) continue;
        const product = g.multiply(factor, above);
        const before = a[i][j];
        a[i][j] = before === null ? g.negate(product) : g.subtract(before, product);
      }
      b[i] = g.subtract(b[i], g.multiply(factor, b[k]));
    }
  }
  const x = new Array<Node>(n);
  for (let i = n - 1; i >= 0; i--) {
    let rest = b[i];
    for (let j = i + 1; j < n; j++) {
      const above = a[i][j];
      if (above !== null) rest = g.subtract(rest, g.multiply(above, x[j]));
    }
    x[i] = g.divide(rest, a[i][i] as Node);
  }
  return x;
}
