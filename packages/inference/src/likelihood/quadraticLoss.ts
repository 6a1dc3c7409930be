/** The likelihood of sufficient statistics in a training graph: F(b̄) = ½ Σ_pq b̄_pᵀ G_pq b̄_q − Σ_p b̄_pᵀ v_p, in nats less that of a zero drift. */
import type { Numbers, Tensor } from '@ergoflow/kernels';
import type { QuadraticStatistics } from '../data/quadratic.ts';
import type { OfMeans } from './residual.ts';

const gramName = (p: number, q: number): string => `statistics.gram.${p}.${q}`;
const momentName = (p: number): string => `statistics.moment.${p}`;

/**
 * Gives F of the drift's means, [dx] of [K × n].
 *
 * The statistics are inputs of the graph, so one kernel serves all data on equally many nodes.
 */
export function quadraticLoss(dimension: number, nodes: number): OfMeans {
  return (g, means) => {
    const drift = means.slice(0, dimension).map((mean) => g.broadcast(mean, { lanes: false, rows: mean.rows, columns: nodes }));
    let total: Tensor | null = null;
    for (let p = 0; p < dimension; p++) {
      let force: Tensor = g.negate(g.input(momentName(p), { lanes: false, rows: 1, columns: nodes }));
      for (let q = 0; q < dimension; q++) {
        const gram = g.input(gramName(p, q), { lanes: false, rows: nodes, columns: nodes });
        force = g.add(force, g.multiply(g.constant(0.5), g.transpose(g.dense(gram, g.transpose(drift[q])))));
      }
      const part = g.sumColumns(g.multiply(drift[p], force));
      total = total === null ? part : g.add(total, part);
    }
    return total as Tensor;
  };
}

/** Writes statistics into a kernel's inputs. */
export function setQuadratic(inputs: Readonly<Record<string, Numbers>>, { gram, moment }: QuadraticStatistics): void {
  for (const [p, row] of gram.entries()) {
    inputs[momentName(p)].set(moment[p]);
    for (const [q, block] of row.entries()) inputs[gramName(p, q)].set(block);
  }
}

/** F at given numbers: NLL = zeroDrift + F. */
export function quadraticAt({ gram, moment }: QuadraticStatistics, drift: readonly Float64Array[]): number {
  let total = 0;
  for (const [p, row] of gram.entries()) {
    const b = drift[p];
    for (let i = 0; i < b.length; i++) {
      total -= b[i] * moment[p][i];
      for (const [q, block] of row.entries()) {
        const c = drift[q];
        let force = 0;
        for (let j = 0; j < c.length; j++) force += block[i * c.length + j] * c[j];
        total += 0.5 * b[i] * force;
      }
    }
  }
  return total;
}
