/**
 * Platen's explicit scheme of weak order 2, without derivatives.
 *
 *   x̃ = x + b h + Σ b^j ΔW_j,   R±_j = x + b h ± b^j √h,   U±_j = x ± b^j √h
 *   x' = x + ½(b(x̃) + b) h
 *      + ¼ Σ_j [ (b^j(R+_j) + b^j(R-_j) + 2b^j) ΔW_j + Σ_(r≠j) (b^j(U+_r) + b^j(U-_r) - 2b^j) ΔW_j ]
 *      + ¼ h^(-½) Σ_j [ (b^j(R+_j) - b^j(R-_j)) (ΔW_j² - h) + Σ_(r≠j) (b^j(U+_r) - b^j(U-_r)) (ΔW_j ΔW_r + V_rj) ]
 *
 * V_rj is h or -h with probability ½ for r < j, and V_jr = -V_rj. ΔW_j are the Gaussian increments of the path. Where no coefficient depends on what
 * another process acts on, the sums over r vanish and all R_j are one state.
 *
 * Source: Platen (1987); Kloeden & Platen (1992), (15.1.3).
 */
import type { GraphBuilder, Node } from '@ergoflow/kernels';
import type { NoiseOf, Values } from '../equations.ts';
import { add, scale } from './eulerStep.ts';
import { type Column, columnOf, combine, noiseStructure } from './noiseStructure.ts';
import { type Increments, orders, type Scheme } from './scheme.ts';

/** Noise that is not diagonal needs 4 evaluations for each scalar process: beyond so many it is refused. */
const MOST_COLUMNS = 16;

/** Takes all equations with few enough processes. */
export const weakTwo: Scheme = {
  name: 'weak-two',
  strongOrder: orders(1, 1, 1, 0.5),
  weakOrder: orders(2, 2),
  zeroNoiseOrder: 2,
  limit: 'equation',
  refuses(equations) {
    const { columns, isDiagonal } = noiseStructure(equations);
    return isDiagonal || columns.length <= MOST_COLUMNS
      ? null
      : `it takes at most ${MOST_COLUMNS} scalar processes where the noise is not diagonal, and this equation has ${columns.length}`;
  },
  step(g, equations, state, time, dt, increments) {
    const { columns, isDiagonal } = noiseStructure(equations);
    const root = g.squareRoot(dt);
    const then = g.add(time, dt);
    const first = equations.drift(g, state, time);
    const noise = equations.noise(g, state, time);
    const drifted = add(g, state, scale(g, first, dt));
    const predicted = add(g, drifted, combine(g, noise, increments.get));
    const second = equations.drift(g, predicted, then);
    const drift = scale(g, add(g, first, second), g.multiply(g.constant(0.5), dt));
    const groups = isDiagonal ? [noise] : columns.map((column) => columnOf(g, noise, column));
    const parts: Values[] = [];
    for (const [j, own] of groups.entries()) {
      const cut = (terms: readonly NoiseOf[]): readonly NoiseOf[] => (isDiagonal ? terms : columnOf(g, terms, columns[j]));
      const around = (base: Values, at: Node, by: readonly NoiseOf[]): readonly (readonly NoiseOf[])[] =>
        [root, g.negate(root)].map((distance) =>
          cut(
            equations.noise(
              g,
              add(
                g,
                base,
                combine(g, by, () => distance),
              ),
              at,
            ),
          ),
        );
      const [up, down] = around(drifted, then, own);
      const increment = increments.get;
      const excess = (process: string): Node => g.divide(g.subtract(g.multiply(increment(process), increment(process)), dt), root);
      parts.push(
        combine(g, up, increment),
        combine(g, down, increment),
        combine(g, own, (process) => g.multiply(g.constant(2), increment(process))),
        combine(g, up, excess),
        combine(g, down, (process) => g.negate(excess(process))),
      );
      if (isDiagonal) continue;
      for (const [r, other] of groups.entries()) {
        if (r === j) continue;
        const [plus, minus] = around(state, time, other);
        const mixed = (process: string): Node => {
          const product = g.multiply(increment(process), scalar(g, increments, columns[r]));
          return g.divide(g.add(product, twoPoint(g, increments, columns, r, j, dt)), root);
        };
        parts.push(
          combine(g, plus, increment),
          combine(g, minus, increment),
          combine(g, own, (process) => g.multiply(g.constant(-2), increment(process))),
          combine(g, plus, mixed),
          combine(g, minus, (process) => g.negate(mixed(process))),
        );
      }
    }
    const quarter = g.constant(0.25);
    return { state: add(g, state, drift, ...parts.map((part) => scale(g, part, quarter))) };
  },
};

/** ΔW of one scalar process. */
function scalar(g: GraphBuilder, increments: Increments, { process, index }: Column): Node {
  return g.gather(increments.get(process), [index]);
}

/** V_rj: the sign of a normal of the process of smaller number, kept for the pair. */
function twoPoint(g: GraphBuilder, increments: Increments, columns: readonly Column[], r: number, j: number, dt: Node): Node {
  const [low, high] = r < j ? [r, j] : [j, r];
  const normal = increments.normals(columns[low].process, 'two-point', columns.length)[high];
  const isPositive = g.less(g.constant(0), g.gather(normal, [columns[low].index]));
  return g.select(r < j ? isPositive : g.not(isPositive), dt, g.negate(dt));
}
