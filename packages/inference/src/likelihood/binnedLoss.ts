/**
 * The likelihood of binned statistics in a training graph, where σσᵀ is averaged or learned: F(b̄, ā) = Σ_i of node i,
 *
 *   ½ N ln det(ā Ā⁻¹) + ½ tr(ā⁻¹ (S − b̄ Dᵀ − D b̄ᵀ + T b̄ b̄ᵀ)) − ½ N dx,   Ā a fixed diagonal near ā,
 *
 * so NLL = F + constant + ½ Σ N (ln det Ā + dx). Taking the largest parts off keeps float32 sums of many thousand nats exact enough.
 */
import { type Numbers, scalarFunction, type Tensor, type TensorBuilder } from '@ergoflow/kernels';
import type { BinnedStatistics } from '../data/binned.ts';
import { triangle } from '../data/covariance.ts';
import type { OfMeans } from './residual.ts';

const log = scalarFunction('log');
const names = {
  number: 'statistics.number',
  time: 'statistics.time',
  displacement: (p: number): string => `statistics.displacement.${p}`,
  square: (e: number): string => `statistics.square.${e}`,
  typical: (p: number): string => `statistics.typical.${p}`,
};

/**
 * Gives F of the means of drift and diffusion, [dx + dx (dx + 1)/2] of [K × n].
 *
 * ā must be positive definite; where a leave-one-out mean is not, F is not finite and the run counts as diverged.
 */
export function binnedLoss(dimension: number, nodes: number): OfMeans {
  return (g, means) => {
    const input = (name: string): Tensor => g.input(name, { lanes: false, rows: 1, columns: nodes });
    const wide = means.map((mean) => g.broadcast(mean, { lanes: false, rows: mean.rows, columns: nodes }));
    const drift = wide.slice(0, dimension);
    const typical = Array.from({ length: dimension }, (_, p) => input(names.typical(p)));
    const lower = cholesky(g, wide.slice(dimension), dimension);
    const [number, time] = [input(names.number), input(names.time)];
    let determinant: Tensor = g.constant(1);
    for (let p = 0; p < dimension; p++) {
      const pivot = lower[triangle(p, p)];
      determinant = g.multiply(determinant, g.divide(g.multiply(pivot, pivot), typical[p]));
    }
    // tr(A⁻¹ M) = Σ_c |L⁻¹ column c|… by solving L X = M and then tr(L⁻ᵀ X).
    const entry = (p: number, q: number): Tensor => {
      const square = input(names.square(p >= q ? triangle(p, q) : triangle(q, p)));
      const cross = g.add(g.multiply(drift[p], input(names.displacement(q))), g.multiply(drift[q], input(names.displacement(p))));
      return g.add(g.subtract(square, cross), g.multiply(time, g.multiply(drift[p], drift[q])));
    };
    let trace: Tensor = g.constant(0);
    for (let c = 0; c < dimension; c++) {
      const column = solveLower(
        g,
        lower,
        Array.from({ length: dimension }, (_, p) => entry(p, c)),
      );
      const unit = solveLower(
        g,
        lower,
        Array.from({ length: dimension }, (_, p) => g.constant(p === c ? 1 : 0)),
      );
      for (let p = 0; p < dimension; p++) trace = g.add(trace, g.multiply(column[p], unit[p]));
    }
    const logs = g.multiply(number, g.subtract(g.log(determinant), g.constant(dimension)));
    return g.sumColumns(g.multiply(g.constant(0.5), g.add(logs, trace)));
  };
}

/** Lower Cholesky factor of matrices given entry by entry; NaN where one is not positive. */
function cholesky(g: TensorBuilder, entries: readonly Tensor[], size: number): Tensor[] {
  const factor: Tensor[] = [];
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = entries[triangle(i, j)];
      for (let k = 0; k < j; k++) rest = g.subtract(rest, g.multiply(factor[triangle(i, k)], factor[triangle(j, k)]));
      factor.push(i === j ? g.squareRoot(rest) : g.divide(rest, factor[triangle(j, j)]));
    }
  }
  return factor;
}

function solveLower(g: TensorBuilder, lower: readonly Tensor[], x: readonly Tensor[]): Tensor[] {
  const out: Tensor[] = [];
  for (const [i, value] of x.entries()) {
    let rest = value;
    for (let k = 0; k < i; k++) rest = g.subtract(rest, g.multiply(lower[triangle(i, k)], out[k]));
    out.push(g.divide(rest, lower[triangle(i, i)]));
  }
  return out;
}

/** The fixed diagonal Ā, [dx] of [n]: the mean square of all increments, one value for all nodes. */
function typicalDiffusion({ square, displacement, count, nodes }: BinnedStatistics): Float64Array[] {
  return displacement.map((_, p) => {
    const total = square[triangle(p, p)].reduce((sum, s) => sum + s, 0);
    return new Float64Array(nodes[0].length).fill(total / count);
  });
}

/** Writes statistics into a kernel's inputs. */
export function setBinned(inputs: Readonly<Record<string, Numbers>>, statistics: BinnedStatistics): void {
  inputs[names.number].set(statistics.number);
  inputs[names.time].set(statistics.time);
  for (const [p, values] of statistics.displacement.entries()) inputs[names.displacement(p)].set(values);
  for (const [e, values] of statistics.square.entries()) inputs[names.square(e)].set(values);
  for (const [p, values] of typicalDiffusion(statistics).entries()) inputs[names.typical(p)].set(values);
}

/** What F leaves out: NLL − F. */
export function binnedOffset(statistics: BinnedStatistics): number {
  let total = statistics.constant;
  for (const values of typicalDiffusion(statistics)) {
    for (const [i, value] of values.entries()) total += (statistics.number[i] * (log(value) + 1)) / 2;
  }
  return total;
}
