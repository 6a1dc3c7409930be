/**
 * A mixture of K normal laws with equal weights, learned means and learned deviations, uncorrelated within a component.
 *
 * Which component a sample belongs to is read off one more normal u: component ⌊K Φ(u)⌋. The weights of the components are fixed, so that choice depends on
 * nothing that is learned, and a sample mᵢ + sᵢ z is differentiable in means and deviations: gradients of expectations are unbiased. Learned weights
 * would make samples jump, or need gradients that are biased or noisy; where a mode needs more mass, several components share it.
 */
import type { Tensor, TensorBuilder } from '@ergoflow/kernels';
import { scalarFunction } from '@ergoflow/kernels';
import type { Base } from '../flow.ts';
import { largestRow, repeatRows, rowIndices } from '../rows.ts';
import { HALF_LOG_TWO_PI } from './normal.ts';

const log = scalarFunction('log');

/**
 * Makes the law. It starts close to the standard normal: means uniform with deviation ½, deviations √¾.
 *
 * Weights `means` and `logDeviations` [d·K × 1], component k of row j at j·K + k.
 *
 * @param components K ≥ 1.
 */
export function normalMixture(dimension: number, components: number): Base {
  const rows = dimension * components;
  const shape = { rows, columns: 1 };
  return {
    weights: [
      { name: 'means', ...shape },
      { name: 'logDeviations', ...shape },
    ],
    start: (uniform) => ({
      means: Float64Array.from({ length: rows }, () => (components === 1 ? 0 : Math.sqrt(0.75) * (2 * uniform() - 1))),
      logDeviations: new Float64Array(rows).fill(components === 1 ? 0 : 0.5 * log(0.75)),
    }),
    normals: dimension + 1,
    sample: (g, weights, normals) => {
      const z = g.gatherRows(normals, rowIndices(dimension));
      const chosen = g.gatherRows(
        componentOf(g, g.gatherRows(normals, [dimension]), components),
        rowIndices(rows, (row) => row % components),
      );
      const value = (name: string): Tensor => g.sumRows(g.multiply(chosen, weights(name)), dimension);
      return g.add(value('means'), g.multiply(z, g.exp(value('logDeviations'))));
    },
    logDensity: (g, weights, x) => {
      const logDeviations = weights('logDeviations');
      const scaled = g.multiply(g.subtract(repeatRows(g, x, components), weights('means')), g.exp(g.negate(logDeviations)));
      const terms = g.subtract(g.multiply(g.constant(-0.5), g.multiply(scaled, scaled)), logDeviations);
      const byComponent = g.gatherRows(
        terms,
        rowIndices(rows, (row) => (row % dimension) * components + Math.floor(row / dimension)),
      );
      const each = g.sumRows(byComponent, components);
      const largest = g.stopGradient(largestRow(g, each));
      const sum = g.log(g.sumRows(g.exp(g.subtract(each, largest))));
      return g.subtract(g.add(largest, sum), g.constant(dimension * HALF_LOG_TWO_PI + log(components)));
    },
  };
}

/** [K]: 1 in row ⌊K Φ(u)⌋, else 0. */
function componentOf(g: TensorBuilder, u: Tensor, components: number): Tensor {
  const phi = g.multiply(g.constant(0.5), g.add(g.constant(1), g.erf(g.multiply(u, g.constant(Math.SQRT1_2)))));
  const reached = g.lessEqual(g.constant(rowIndices(components, (k) => k / components)), phi);
  if (components === 1) return reached;
  const next = g.multiply(
    g.gatherRows(
      reached,
      rowIndices(components, (k) => Math.min(k + 1, components - 1)),
    ),
    g.constant(rowIndices(components, (k) => (k + 1 < components ? 1 : 0))),
  );
  return g.subtract(reached, next);
}
