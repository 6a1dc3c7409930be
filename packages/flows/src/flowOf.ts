/** From a specification to a flow. */
import { normal } from './bases/normal.ts';
import { normalMixture } from './bases/normalMixture.ts';
import { studentT } from './bases/studentT.ts';
import { autoregressive } from './bijections/autoregressive.ts';
import { coupling, couplingRows } from './bijections/coupling.ts';
import { elementwiseAffine } from './bijections/elementwiseAffine.ts';
import { luLinear } from './bijections/luLinear.ts';
import { permutation, reversed, shuffled } from './bijections/permutation.ts';
import { composedFlow } from './composedFlow.ts';
import type { Base, Bijection, Flow } from './flow.ts';
import { pushforwardFlow } from './pushforwardFlow.ts';
import { type CompleteFlowSpec, completeSpec, count, type FlowSpec, type Mixing } from './spec.ts';
import { affine } from './transformers/affine.ts';
import { rationalQuadraticSpline } from './transformers/rationalQuadraticSpline.ts';

/**
 * Makes a flow.
 *
 * After the family's layers comes an elementwise affine map: its weights, `shift` and `logScale` of the last layer, are the flow's place and width. In one dimension
 * affine layers would leave the base's shape as it is, so splines are taken there, whatever family or transformer is asked for.
 *
 * @param dimension ≥ 1.
 * @param contextDimension Rows of the context, 0 (default) for none.
 * @throws RangeError for a value outside its range.
 */
export function flowOf(spec: FlowSpec, dimension: number, contextDimension = 0): Flow {
  count('dimension', dimension, 1);
  count('contextDimension', contextDimension, 0);
  const complete = completeSpec(spec);
  const { family, layers, hidden, activation, mixing, logScaleBound } = complete;
  const net = { hidden, activation };
  const base = baseOf(complete.base, dimension);
  const last = elementwiseAffine(dimension, contextDimension, logScaleBound, net);
  if (family === 'pushforward') return pushforwardFlow(base, layers, last, dimension, contextDimension, net);
  const transformer = isSpline(complete, dimension) ? rationalQuadraticSpline(complete.bins, complete.bound) : affine(logScaleBound);
  const bijections: Bijection[] = [];
  for (let k = 0; k < layers; k++) {
    if (k > 0 && dimension > 1) bijections.push(...mixingOf(mixing, dimension, k));
    bijections.push(
      family === 'autoregressive'
        ? autoregressive(dimension, contextDimension, transformer, net)
        : coupling(couplingRows(dimension, k), contextDimension, transformer, net),
    );
  }
  return composedFlow(base, [...bijections, last], dimension, contextDimension);
}

function isSpline({ family, transformer }: CompleteFlowSpec, dimension: number): boolean {
  return dimension === 1 || family === 'spline' || (family === 'autoregressive' && transformer === 'spline');
}

function mixingOf(mixing: Mixing, dimension: number, layer: number): Bijection[] {
  switch (mixing) {
    case 'none':
      return [];
    case 'reverse':
      return [permutation(reversed(dimension))];
    case 'random':
      return [permutation(shuffled(dimension, layer))];
    case 'lu':
      return [luLinear(dimension)];
  }
}

function baseOf(base: CompleteFlowSpec['base'], dimension: number): Base {
  switch (base.law) {
    case 'normal':
      return normal(dimension);
    case 'student-t':
      return studentT(dimension, base.degreesOfFreedom);
    case 'normal-mixture':
      return normalMixture(dimension, base.components);
  }
}
