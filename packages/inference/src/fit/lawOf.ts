/** Samples of a trained flow, and the numbers of it that a fit reports: by a program of its own with more lanes, without gradients. */
import { type Flow, setWeights, weightInputs } from '@ergoflow/flows';
import { compileTraining, tensorBuilder, trainingProgram } from '@ergoflow/kernels';
import type { Model } from '@ergoflow/sde';
import type { Points } from '../convex/candidates.ts';
import type { Sampling } from '../likelihood/groupMeans.ts';
import type { LearnedParameter } from '../likelihood/parameters.ts';
import type { Penalty } from '../penalties/penalty.ts';
import { normalSource } from './normals.ts';
import { boundParameters, type LawSetters, lawSetters, lawTensors, type TrainingGraphTarget } from './trainingGraph.ts';

/** Samples at least and at most: of a law that does not depend on the slow state; and for each node of one that does. */
export const LAW_SAMPLES = { all: [8192, 65536], perNode: [1024, 4096] } as const;
const LANES_AT_ONCE = 2048;

/** What to sample. */
export interface LawOptions {
  readonly model: Model;
  readonly flow: Flow;
  readonly learned: readonly LearnedParameter[];
  readonly sampling: Sampling;
  readonly penalties: readonly Penalty[];
  readonly seed: readonly (string | number)[];
}

/** A sampler; its setters are those of the training graph. */
export interface LawSampler extends LawSetters {
  /**
   * Draws, at given weights: [d] of [samples], or of [nodes · samples per node], a node's samples contiguous; and the values of the penalties.
   *
   * @param count Samples, for each node where it has its own; as {@link LAW_SAMPLES}.
   */
  draw(flat: Float64Array, count: number): { readonly points: Points; readonly penalties: readonly number[] };
}

/** Builds and compiles the sampler. */
export function lawSampler({ model, flow, learned, sampling, penalties, seed }: LawOptions, target: TrainingGraphTarget): LawSampler {
  const g = tensorBuilder();
  const { isConditional, nodes } = sampling;
  const lanes = isConditional ? nodes * LANES_PER_NODE : LANES_AT_ONCE;
  const own: Sampling = { ...sampling, lanes };
  const law = lawTensors(g, { model, flow, sampling: own }, weightInputs(g, flow.weights, 'flow.'), boundParameters(g, model, learned).values);
  const values = Object.fromEntries(penalties.map((penalty, k) => [`penalty.${k}`, penalty(g, law)]));
  const kernel = compileTraining(trainingProgram({ value: law.value, ...values }), { lanes, ...target });
  const wrt = flow.weights.map((weight) => ({ ...weight, name: `flow.${weight.name}` }));
  const count = wrt.reduce((total, { rows, columns }) => total + rows * columns, 0);
  const normals = normalSource([...seed, 'law'], flow.normals, lanes);
  return {
    ...lawSetters(kernel.inputs, model),
    draw(flat, perNode) {
      const runs = perNode / (isConditional ? LANES_PER_NODE : lanes);
      setWeights(kernel.inputs, wrt, flat.subarray(0, count));
      for (const [k, { name }] of learned.entries()) {
        if (Object.hasOwn(kernel.inputs, `free.${name}`)) kernel.inputs[`free.${name}`][0] = flat[count + k];
      }
      const points = Array.from({ length: flow.dimension }, () => new Float64Array(runs * lanes));
      const totals = penalties.map(() => 0);
      for (let run = 0; run < runs; run++) {
        if (Object.hasOwn(kernel.inputs, 'normals')) kernel.inputs.normals.set(normals.at(run));
        kernel.run();
        for (const [j, values] of points.entries()) {
          const row = kernel.outputs.value.subarray(j * lanes, (j + 1) * lanes);
          if (!isConditional) values.set(row, run * lanes);
          else
            for (let i = 0; i < nodes; i++)
              values.set(row.subarray(i * LANES_PER_NODE, (i + 1) * LANES_PER_NODE), i * perNode + run * LANES_PER_NODE);
        }
        for (const k of totals.keys()) totals[k] += kernel.outputs[`penalty.${k}`][0] / runs;
      }
      return { points, penalties: totals };
    },
  };
}

const LANES_PER_NODE = 64;
