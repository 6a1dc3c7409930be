/** From a found law to the answer's curves, parameters, tables and samples. */
import { coefficientsOf, type GridAxis, gridNodes, slowNoiseIsFast } from '@ergoflow/sde';
import { coefficientTable } from '../convex/coefficientTable.ts';
import { triangle } from '../data/covariance.ts';
import { evaluateCoefficients } from '../equations/evaluateCoefficients.ts';
import { parameterAt } from '../likelihood/parameters.ts';
import { rangesOf } from '../nodes/choose.ts';
import { type Field, fieldOf, LEVEL, QUANTILE } from './curves.ts';
import type { FoundLaw } from './foundLaw.ts';
import { derivative, priorVariances } from './marginal.ts';
import { WEIGHTS } from './reference.ts';
import type { Setup } from './setup.ts';
import { averageOf } from './shrink.ts';
import type { Curve, Estimate, FitResult, FittedLaw, ReducedModel } from './types.ts';
import { visible } from './visible.ts';

/** Points of the curves along each direction, by the number of slow components; with more the nodes are taken. */
const CURVE_POINTS = [33, 9] as const;
/** Nodes of the reduced model's tables along each direction; the cubic's error is then far below the estimate's. */
const TABLE_NODES = [65, 25] as const;
/** The tables go beyond the visited range by this part of it on each side: a simulated path leaves it now and then. */
const MARGIN = 0.25;

/** Everything of the answer that follows from the law alone. */
export type LawAnswer = Pick<FitResult, 'level' | 'parameters' | 'drift' | 'diffusion' | 'reducedModel' | 'law'>;

/** Computes it. */
export function answerOf(setup: Setup, found: FoundLaw, weight: number): LawAnswer {
  const { prepared, learned, model } = setup;
  const values = setup.parametersAt(found.free);
  const averaged = averageOf(found.table, found.weights, prepared.objective.size);
  const seen = visible(prepared.objective, found.table, averaged);
  const points = curvePoints(setup);
  const rowsAt = (free: Float64Array): Float64Array => curveRows(setup, found, points, setup.parametersAt(free));
  const rows = rowsAt(found.free);
  const size = rows.length / found.weights.length;
  const variances = learned.length > 0 ? priorVariances(learned) : new Float64Array(0);
  const field = fieldOf({
    seen,
    table: found.table,
    weights: found.weights,
    weight: Math.max(weight, WEIGHTS[0]),
    parameters: learned.map((_, k) => ({
      variance: variances[k],
      atNodes: derivative(found.tableAt, found.free, k, found.weights, prepared.objective.size),
      atPoints: derivative(rowsAt, found.free, k, found.weights, size),
    })),
  });
  const means = averageOf(rows, found.weights, size);
  const deviations = field.deviations(rows);
  return {
    level: LEVEL,
    parameters: parametersOf(setup, found.free, field),
    ...curvesOf(points, means, deviations),
    reducedModel: reducedModelOf(setup, found, values),
    law: lawOf(setup, found),
  };

  function lawOf({ isConditional }: Setup, { valuesAt, weights }: FoundLaw): FittedLaw {
    const components = model.fast.flatMap(({ name, size: count, vector }) =>
      Array.from({ length: count }, (_, k) => (vector ? `${name}[${k + 1}]` : name)),
    );
    if (!isConditional) return { components, samples: valuesAt(0), weights, at: null };
    const nodes = prepared.points[0].length;
    const each = Array.from({ length: nodes }, (_, node) => valuesAt(node));
    return {
      components,
      samples: components.map((_, j) => Float64Array.from(each.flatMap((node) => [...node[j]]))),
      weights,
      at: Array.from({ length: nodes }, (_, node) => prepared.points.map((row) => row[node])),
    };
  }
}

function parametersOf({ learned }: Setup, free: Float64Array, field: Field): Record<string, Estimate> {
  return Object.fromEntries(
    learned.map(({ name, transform }, k) => {
      const [estimate, low, high] = [0, -QUANTILE, QUANTILE].map((z) => parameterAt(transform, free[k] + z * field.parameters[k]));
      return [name, { estimate, low, high }];
    }),
  );
}

/** [dx] of [points] */
function curvePoints({ prepared, isConditional, transitions }: Setup): readonly Float64Array[] {
  const along = CURVE_POINTS[prepared.points.length - 1];
  if (isConditional || along === undefined) return prepared.points;
  const states = gridNodes(rangesOf(transitions.from).map(({ low, high }) => ({ low, high, count: along })));
  return prepared.points.map((_, p) => Float64Array.from(states, (state) => state[p]));
}

/** Rows [M × parts · points] of b and all entries of σσᵀ at the curve's points. */
function curveRows(
  { model, isConditional }: Setup,
  found: FoundLaw,
  points: readonly Float64Array[],
  values: ReadonlyMap<string, number>,
): Float64Array {
  if (!isConditional) return coefficientTable(model, values, points, 'both')(found.valuesAt(0));
  const count = points[0].length;
  const rows = Array.from({ length: count }, (_, i) => {
    const { drift, diffusion } = evaluateCoefficients({
      model,
      parameters: values,
      slow: points.map((row) => row.subarray(i, i + 1)),
      fast: found.valuesAt(i),
    });
    return [...drift, ...diffusion];
  });
  const parts = rows[0].length;
  const samples = found.weights.length;
  const out = new Float64Array(samples * parts * count);
  for (const [i, row] of rows.entries())
    for (const [c, part] of row.entries()) for (let m = 0; m < samples; m++) out[m * parts * count + c * count + i] = part[m];
  return out;
}

function curvesOf(points: readonly Float64Array[], means: Float64Array, deviations: Float64Array): { drift: Curve; diffusion: Curve } {
  const count = points[0].length;
  const dimension = points.length;
  const curve = (parts: readonly number[]): Curve => {
    const rows = (z: number): number[][] =>
      Array.from({ length: count }, (_, i) => parts.map((part) => means[part * count + i] + z * deviations[part * count + i]));
    return {
      at: Array.from({ length: count }, (_, i) => points.map((row) => row[i])),
      estimate: rows(0),
      low: rows(-QUANTILE),
      high: rows(QUANTILE),
    };
  };
  const pairs = Array.from({ length: dimension * dimension }, (_, k) => {
    const [i, j] = [Math.floor(k / dimension), k % dimension];
    return dimension + triangle(Math.max(i, j), Math.min(i, j));
  });
  return { drift: curve(points.map((_, p) => p)), diffusion: curve(pairs) };
}

/** Tables for `averagedEquation`. */
function reducedModelOf(setup: Setup, found: FoundLaw, values: ReadonlyMap<string, number>): ReducedModel | null {
  const { model, prepared, isConditional, transitions } = setup;
  const along = TABLE_NODES[prepared.points.length - 1];
  if (along === undefined || (isConditional && prepared.nodes === null)) return null;
  const names = coefficientsOf(model).map(({ name }) => name);
  const ranges = rangesOf(transitions.from);
  // A law at each node is known there only.
  const axes: GridAxis[] = ranges.map(({ low, high }, p) =>
    isConditional
      ? { low, high, count: prepared.nodes?.counts[p] ?? along }
      : { low: low - MARGIN * (high - low), high: high + MARGIN * (high - low), count: along },
  );
  const states = gridNodes(axes);
  const points = prepared.points.map((_, p) => Float64Array.from(states, (state) => state[p]));
  const rows = curveRows(setup, found, isConditional ? prepared.points : points, values);
  const size = rows.length / found.weights.length;
  const means = averageOf(rows, found.weights, size);
  const count = states.length;
  const parts = names.slice(0, slowNoiseIsFast(model) ? names.length : points.length);
  return {
    axes,
    parameters: Object.fromEntries(values),
    tables: Object.fromEntries(parts.map((name, c) => [name, means.slice(c * count, (c + 1) * count)])),
  };
}
