/** The averaged likelihood in a training graph: values against the statistics' own, unbiased residuals against the law of the plug-in's bias. */
import { compileTraining, gradient, LANE_MULTIPLE, type Tensor, type TensorBuilder, tensorBuilder, trainingProgram } from '@ergoflow/kernels';
import { assertMean } from '@ergoflow/testing';
import { describe, expect, it } from 'vitest';
import { binnedObjective } from '../convex/binnedObjective.ts';
import { quadraticObjective } from '../convex/objective.ts';
import { gatherBinned } from '../data/binned.ts';
import { gatherQuadratic } from '../data/gatherQuadratic.ts';
import type { Transitions } from '../data/observations.ts';
import { normalSource } from '../fit/normals.ts';
import { localNodes } from '../nodes/local.ts';
import { binnedLoss, binnedOffset, setBinned } from './binnedLoss.ts';
import { groupMeans } from './groupMeans.ts';
import { quadraticLoss, setQuadratic } from './quadraticLoss.ts';
import { type OfMeans, unbiased } from './residual.ts';

const lane = { lanes: true, rows: 1, columns: 1 } as const;

/** Two slow components without pattern. */
function twoComponents(count: number): Transitions {
  const z = normalSource(['likelihood test'], 4, count).at(0);
  const part = (k: number): Float64Array => z.slice(k * count, (k + 1) * count);
  const duration = Float64Array.from({ length: count }, (_, k) => 0.01 + 0.02 * (k % 3));
  const increment = [2, 3].map((k) => part(k).map((value, j) => 0.5 * value * Math.sqrt(duration[j])));
  return { count, from: [part(0), part(1)], increment, duration, gaps: 0 };
}

const transitions = twoComponents(400);
const nodes = localNodes(
  'cubic',
  transitions.from.map((values) => ({ low: Math.min(...values), high: Math.max(...values) })),
  [5, 4],
);
const stacked = Float64Array.from({ length: 5 * nodes.count }, (_, k) => {
  const turn = (k + 1) * 0.618033988749895;
  const value = turn - Math.floor(turn);
  return k < 2 * nodes.count ? 2 * value - 1 : k < 3 * nodes.count ? 0.2 + value / 5 : k < 4 * nodes.count ? 0.1 * value : 0.3 + value / 5;
});

/** F at given averages and its gradient by them, by the graph. */
function evaluate(
  loss: OfMeans,
  parts: number,
  set: (inputs: Parameters<typeof setQuadratic>[0]) => void,
): { value: number; gradient: Float64Array } {
  const g = tensorBuilder();
  const means = Array.from({ length: parts }, (_, p) => g.input(`mean${p}`, { lanes: false, rows: 1, columns: nodes.count }));
  const value = loss(g, means);
  const slopes = Object.fromEntries(gradient(g, value, means).map((tensor, p) => [`slope${p}`, tensor]));
  const kernel = compileTraining(trainingProgram({ value, ...slopes }), { precision: 'float64', target: 'reference' });
  set(kernel.inputs);
  for (let p = 0; p < parts; p++) kernel.inputs[`mean${p}`].set(stacked.subarray(p * nodes.count, (p + 1) * nodes.count));
  kernel.run();
  return {
    value: kernel.outputs.value[0],
    gradient: Float64Array.from({ length: parts * nodes.count }, (_, k) => kernel.outputs[`slope${Math.floor(k / nodes.count)}`][k % nodes.count]),
  };
}

function expectClose(found: Float64Array, expected: Float64Array): void {
  const size = Math.max(...expected.map(Math.abs));
  for (const [k, value] of expected.entries()) expect(Math.abs(found[k] - value), `element ${k}`).toBeLessThan(1e-11 * size);
}

describe('the likelihood in a graph', () => {
  it('of quadratic statistics is theirs, with its gradient', () => {
    const statistics = gatherQuadratic(transitions, nodes, { kind: 'constant', entries: [0.25, 0.05, 0.3] });
    const objective = quadraticObjective(statistics);
    const drift = stacked.slice(0, 2 * nodes.count);
    const found = evaluate(quadraticLoss(2, nodes.count), 2, (inputs) => setQuadratic(inputs, statistics));
    expect(statistics.zeroDrift + found.value).toBeCloseTo(objective.value(drift), 9);
    expectClose(found.gradient, objective.gradient(drift));
  });

  it('of binned statistics is theirs, with its gradient', () => {
    const statistics = gatherBinned(transitions, nodes);
    const objective = binnedObjective(statistics);
    const found = evaluate(binnedLoss(2, nodes.count), 5, (inputs) => setBinned(inputs, statistics));
    expect(binnedOffset(statistics) + found.value).toBeCloseTo(objective.value(stacked), 9);
    expectClose(found.gradient, objective.gradient(stacked));
  });
});

/** Many small kernels are run: m lanes each, one normal a lane, whose exponential is averaged; F is a function of that mean. */
function unbiasedMeans(
  ofMean: (g: TensorBuilder, mean: Tensor) => Tensor,
  lanes: number,
  groups: number,
  runs: number,
): { value: Float64Array; plugIn: Float64Array } {
  const g = tensorBuilder();
  const sampling = { lanes, groups, nodes: 1, isConditional: false };
  const mean = groupMeans(g, g.exp(g.multiply(g.constant(0.5), g.input('z', lane))), sampling);
  const { value, plugIn } = unbiased(g, [mean], (builder, [m]) => ofMean(builder, m));
  const kernel = compileTraining(trainingProgram({ value, plugIn }), { lanes, precision: 'float64', target: 'reference' });
  const normals = normalSource(['unbiased', groups], 1, lanes);
  const out = { value: new Float64Array(runs), plugIn: new Float64Array(runs) };
  for (let run = 0; run < runs; run++) {
    kernel.inputs.z.set(normals.at(run));
    kernel.run();
    out.value[run] = kernel.outputs.value[0];
    out.plugIn[run] = kernel.outputs.plugIn[0];
  }
  return out;
}

describe('a residual form', () => {
  // E e^{z/2} = e^{1/8}, Var = e^{1/2} - e^{1/4}
  const [mean, variance] = [Math.exp(1 / 8), Math.exp(1 / 2) - Math.exp(1 / 4)];
  const square = (g: TensorBuilder, m: Tensor): Tensor => g.multiply(m, m);

  it.each([2, 4, 16])('of %i groups has no bias where F is quadratic, and the plug-in has the variance over the number of samples', (groups) => {
    const runs = groups === 2 ? 60_000 : 40_000;
    const { value, plugIn } = unbiasedMeans((g, m) => square(g, g.subtract(m, g.constant(mean))), LANE_MULTIPLE, groups, runs);
    const bias = variance / LANE_MULTIPLE;
    assertMean(value, 0, { detects: bias / 2 });
    assertMean(plugIn, bias, { detects: bias / 2 });
  });

  it('removes most of the bias of a function that is not quadratic', () => {
    const runs = 20_000;
    // The tangent at the mean is taken off: it has no bias, and only adds noise.
    const curved = (g: TensorBuilder, m: Tensor): Tensor => g.subtract(g.log(m), g.multiply(m, g.constant(1 / mean)));
    const { value, plugIn } = unbiasedMeans(curved, LANE_MULTIPLE, 16, runs);
    // E ln m̂ = ln m - Var/(2 M m²) + O(1/M²): the next term is a sixteenth of it or so
    const bias = variance / (2 * LANE_MULTIPLE * mean * mean);
    assertMean(plugIn, Math.log(mean) - 1 - bias, { detects: bias / 3 });
    assertMean(value, Math.log(mean) - 1, { detects: bias / 3 });
  });

  it('of two groups is the product of two independent halves', () => {
    const g = tensorBuilder();
    const means = g.input('m', { lanes: false, rows: 2, columns: 1 });
    const { value } = unbiased(g, [means], (builder, [m]) => square(builder, builder.subtract(m, builder.constant(3))));
    const kernel = compileTraining(trainingProgram({ value }), { precision: 'float64', target: 'reference' });
    kernel.inputs.m.set([1.5, -0.25]);
    kernel.run();
    expect(kernel.outputs.value[0]).toBeCloseTo((1.5 - 3) * (-0.25 - 3), 12);
  });
});

describe('group means', () => {
  it('of own samples at each node are those of the node', () => {
    const sampling = { lanes: 16, groups: 2, nodes: 4, isConditional: true };
    const g = tensorBuilder();
    const means = groupMeans(g, g.input('x', lane), sampling);
    const kernel = compileTraining(trainingProgram({ means }), { lanes: 16, precision: 'float64', target: 'reference' });
    kernel.inputs.x.set(Array.from({ length: 16 }, (_, l) => l * l));
    kernel.run();
    // lanes 4 i, 4 i + 1 are the first group of node i
    for (let i = 0; i < 4; i++) {
      expect(kernel.outputs.means[i]).toBe(((4 * i) ** 2 + (4 * i + 1) ** 2) / 2);
      expect(kernel.outputs.means[4 + i]).toBe(((4 * i + 2) ** 2 + (4 * i + 3) ** 2) / 2);
    }
  });
});
