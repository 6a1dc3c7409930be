/**
 * Σ_j L^j b^j, the derivative of every column of the noise along itself: ½ of it is what the drift of the Itô and the Stratonovich form differ by
 * (Kloeden & Platen 1992, (4.9.11)), and what the Milstein term takes off for each process.
 */
import type { GraphBuilder, Node } from '@ergoflow/kernels';
import type { Equations, NoiseOf, Values } from '../equations.ts';
import { tangents } from './derivative.ts';
import { columnOf, combine, noiseStructure } from './noiseStructure.ts';

/** Scalar processes beyond which derivatives column by column are refused, where the noise is not diagonal. */
export const MOST_COLUMNS = 32;

/** Computes Σ_j L^j b^j by variable; variables where it is 0 by structure are left out. */
export function selfDerivative(g: GraphBuilder, equations: Equations, noise: readonly NoiseOf[], state: Values): Map<string, Node> {
  const { columns, isAdditive, isDiagonal } = noiseStructure(equations);
  if (isAdditive) return new Map();
  const total = new Map<string, Node>();
  // Where L^j b^k = 0 for j ≠ k, the derivative of Σ b^k along Σ b^j has just the wanted terms.
  const groups = isDiagonal ? [noise] : columns.map((column) => columnOf(g, noise, column));
  for (const terms of groups) {
    const direction = combine(g, terms, () => null);
    const names = [...direction.keys()];
    for (const [k, tangent] of tangents(g, state, direction, [...direction.values()]).entries()) {
      if (tangent === null) continue;
      const before = total.get(names[k]);
      total.set(names[k], before === undefined ? tangent : g.add(before, tangent));
    }
  }
  return total;
}

/** Why derivatives column by column cannot be had; null if they can. */
export function tooManyColumns(equations: Equations): string | null {
  const { columns, isDiagonal } = noiseStructure(equations);
  return isDiagonal || columns.length <= MOST_COLUMNS
    ? null
    : `it takes at most ${MOST_COLUMNS} scalar processes where the noise is not diagonal, and this equation has ${columns.length}`;
}
