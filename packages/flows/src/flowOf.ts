/** From a specification to a flow. */
import { normal } from './bases/normal.ts';
import { coupling, couplingRows } from './bijections/coupling.ts';
import { elementwiseAffine } from './bijections/elementwiseAffine.ts';
import { composedFlow } from './composedFlow.ts';
import type { Bijection, Flow } from './flow.ts';
import { completeSpec, count, type FlowSpec } from './spec.ts';
import { affine } from './transformers/affine.ts';
import { rationalQuadraticSpline } from './transformers/rationalQuadraticSpline.ts';

/**
 * Makes a flow.
 *
 * After the family's layers comes an elementwise affine map (its weights `layers.<last>.shift` and `.logScale` are the flow's place and width). In one dimension affine couplings
 * would leave the base's shape as it is, so splines are taken there, whatever the family says.
 *
 * @param dimension ≥ 1.
 * @param contextDimension Rows of the context, 0 (default) for none.
 * @throws RangeError for a value outside its range.
 */
export function flowOf(spec: FlowSpec, dimension: number, contextDimension = 0): Flow {
  count('dimension', dimension, 1);
  count('contextDimension', contextDimension, 0);
  const { family, layers, hidden, activation, logScaleBound, bins, bound, base, mixing } = completeSpec(spec);
  if (family === 'pushforward' || family === 'autoregressive' || base.law !== 'normal' || mixing !== 'none') {
    throw new RangeError(`flow must be a coupling or spline with a normal base and no mixing, got ${family}, ${base.law}, ${mixing}`);
  }
  const net = { hidden, activation };
  const isSpline = family === 'spline' || dimension === 1;
  const transformer = isSpline ? rationalQuadraticSpline(bins, bound) : affine(logScaleBound);
  const bijections: Bijection[] = [];
  for (let k = 0; k < layers; k++) bijections.push(coupling(couplingRows(dimension, k), contextDimension, transformer, net));
  bijections.push(elementwiseAffine(dimension, contextDimension, logScaleBound, net));
  return composedFlow(normal(dimension), bijections, dimension, contextDimension);
}
