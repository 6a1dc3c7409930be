/** All bijections with their gradients on all targets: one program, as compiling takes longest, judged bijection by bijection. */
import {
  compileTraining,
  gradient,
  type Numbers,
  type Precision,
  prepareTensorflow,
  TRAINING_TARGETS,
  type TrainingTarget,
  tensorBuilder,
  trainingProgram,
} from '@ergoflow/kernels';
import { uniforms } from '@ergoflow/testing';
import { describe, expect, it } from 'vitest';
import { largestError, scatteredWeights } from '../fixtures/bijectionCase.ts';
import { BIJECTIONS } from '../fixtures/bijections.ts';
import { setWeights, weightInputs } from '../weights.ts';

await prepareTensorflow();

const COUNT = 16;

/** Values, log-determinants and gradients of their sum, named by bijection, direction and part. */
function runAll(dimension: number, contextDimension: number, precision: Precision, target: TrainingTarget): Readonly<Record<string, Numbers>> {
  const g = tensorBuilder();
  const lane = (name: string, rows: number) => g.input(name, { lanes: true, rows, columns: 1 });
  const x = lane('x', dimension);
  const context = contextDimension === 0 ? null : lane('context', contextDimension);
  const all = Object.entries(BIJECTIONS).map(([name, make]) => ({ name, bijection: make(dimension, contextDimension) }));
  const outputs = all.flatMap(({ name, bijection }) => {
    const given = weightInputs(g, bijection.weights, `${name} `);
    return (['forward', 'inverse'] as const).flatMap((direction) => {
      const mapped = bijection[direction](g, given, x, context);
      const perLane = g.add(g.sumRows(g.sin(mapped.value)), mapped.logDet);
      const tensors = [x, ...(context === null ? [] : [context]), ...bijection.weights.map((weight) => given(weight.name))];
      const parts = gradient(g, g.sumLanes(perLane), tensors);
      return [mapped.value, mapped.logDet, ...parts].map((tensor, k) => [`${name}, ${direction}, ${k}`, tensor] as const);
    });
  });
  const kernel = compileTraining(trainingProgram(Object.fromEntries(outputs)), { lanes: COUNT, precision, target });
  for (const { name, bijection } of all) setWeights(kernel.inputs, bijection.weights, scatteredWeights(bijection.weights, name), `${name} `);
  kernel.inputs.x.set(uniforms('target', dimension * COUNT).map((u) => 8 * u - 4));
  kernel.inputs.context?.set(uniforms('context', contextDimension * COUNT));
  kernel.run();
  return kernel.outputs;
}

describe.each([
  [3, 2],
  [2, 0],
  [1, 0],
])('in %i dimensions with %i of context', (dimension, contextDimension) => {
  const exact = runAll(dimension, contextDimension, 'float64', 'reference');
  it.each(
    (Object.keys(TRAINING_TARGETS) as TrainingTarget[]).flatMap((target) => [
      { target, precision: 'float64' as const, tolerance: 1e-12 },
      { target, precision: 'float32' as const, tolerance: 1e-3 },
    ]),
  )('all bijections and their gradients are those of the reference within $tolerance: $target, $precision', ({ target, precision, tolerance }) => {
    const found = runAll(dimension, contextDimension, precision, target);
    const wrong = Object.keys(exact).filter((part) => !(largestError(found[part], exact[part]) < tolerance));
    expect(wrong).toEqual([]);
  });
});
