/**
 * The drift by an unstructured network, which knows nothing of the model: f(x) = W₃ tanh(W₂ tanh(W₁ x + c₁) + c₂) + c₃ by maximum likelihood, for one slow component.
 *
 * Between nodes f is linear, so its likelihood is that of sufficient statistics, F = ½ fᵀ G f − fᵀ v with G_ij = Σ_k l_i l_j Δ_k, v_i = Σ_k l_i dx_k, and each of
 * the steps of Adam sees all data.
 */
import { adam, adamState, type ObservedPath } from '@ergoflow/inference';
import {
  compileTraining,
  gradient,
  openStream,
  scalarFunction,
  type Tensor,
  type TensorBuilder,
  tensorBuilder,
  trainingProgram,
} from '@ergoflow/kernels';

const tanh = scalarFunction('tanh') as (x: number) => number;

/** Size and training, as in the comparison of the method's authors: two hidden layers, some hundred steps on all data. */
export const NETWORK = { hidden: 32, nodes: 128, steps: 1500, learningRate: 1e-2 } as const;

/** Fits the network and gives its drift at some states; outside the observations it goes on as the network does. */
export function networkDrift(paths: readonly ObservedPath[], at: Float64Array, diffusion: number, seed: number): Float64Array {
  const { nodes, steps, learningRate } = NETWORK;
  const { grid, gram, moment, centre, scale } = statistics(paths, nodes, diffusion);
  const { kernel, layout, size } = trainer(nodes);
  kernel.inputs.x.set(grid.map((x) => (x - centre) / scale));
  kernel.inputs.gram.set(gram);
  kernel.inputs.moment.set(moment);
  const weights = initial(layout, size, seed);
  const state = adamState(weights);
  adam(
    {
      size,
      evaluate(current, slope) {
        for (const { name, from, rows, columns } of layout) kernel.inputs[name].set(current.subarray(from, from + rows * columns));
        kernel.run();
        for (const { name, from } of layout) slope.set(kernel.outputs[`d.${name}`], from);
        return kernel.outputs.loss[0];
      },
    },
    state,
    { steps, learningRate },
  );
  return evaluate(
    layout,
    state.weights,
    at.map((x) => (x - centre) / scale),
  );
}

function statistics(paths: readonly ObservedPath[], nodes: number, diffusion: number) {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { values } of paths) for (const x of values[0]) [low, high] = [Math.min(low, x), Math.max(high, x)];
  const width = (high - low) / (nodes - 1);
  const grid = Float64Array.from({ length: nodes }, (_, i) => low + i * width);
  const [gram, moment] = [new Float64Array(nodes * nodes), new Float64Array(nodes)];
  let [count, sum, squares] = [0, 0, 0];
  for (const { times, values } of paths) {
    for (let k = 0; k + 1 < times.length; k++) {
      const [x, dx, duration] = [values[0][k], values[0][k + 1] - values[0][k], times[k + 1] - times[k]];
      const i = Math.min(nodes - 2, Math.floor((x - low) / width));
      const share = (x - grid[i]) / width;
      const parts = [
        [i, 1 - share],
        [i + 1, share],
      ];
      for (const [p, a] of parts) {
        moment[p] += (a * dx) / diffusion;
        for (const [q, b] of parts) gram[p * nodes + q] += (a * b * duration) / diffusion;
      }
      count++;
      sum += x;
      squares += x * x;
    }
  }
  const centre = sum / count;
  return { grid, gram, moment, centre, scale: Math.sqrt(Math.max(1e-300, squares / count - centre ** 2)) };
}

interface Part {
  readonly name: string;
  readonly from: number;
  readonly rows: number;
  readonly columns: number;
}

/** Weights and shifts of the three layers, one after the other. */
function layoutOf(hidden: number): { readonly layout: readonly Part[]; readonly size: number } {
  const sizes: readonly (readonly [string, number, number])[] = [
    ['w1', hidden, 1],
    ['c1', hidden, 1],
    ['w2', hidden, hidden],
    ['c2', hidden, 1],
    ['w3', 1, hidden],
    ['c3', 1, 1],
  ];
  let from = 0;
  const layout = sizes.map(([name, rows, columns]) => {
    from += rows * columns;
    return { name, from: from - rows * columns, rows, columns };
  });
  return { layout, size: from };
}

let made: ReturnType<typeof makeTrainer> | null = null;
const trainer = (nodes: number): ReturnType<typeof makeTrainer> => {
  made ??= makeTrainer(nodes);
  return made;
};

function makeTrainer(nodes: number) {
  const { layout, size } = layoutOf(NETWORK.hidden);
  const g: TensorBuilder = tensorBuilder();
  const weights = new Map(layout.map(({ name, rows, columns }) => [name, g.input(name, { lanes: false, rows, columns })]));
  const [w1, c1, w2, c2, w3, c3] = layout.map(({ name }) => weights.get(name) as Tensor);
  const x = g.input('x', { lanes: false, rows: 1, columns: nodes });
  const first = g.tanh(g.add(g.dense(w1, x), c1));
  const second = g.tanh(g.add(g.dense(w2, first), c2));
  const f = g.add(g.dense(w3, second), c3);
  const gram = g.input('gram', { lanes: false, rows: nodes, columns: nodes });
  const moment = g.input('moment', { lanes: false, rows: 1, columns: nodes });
  const half = g.multiply(g.constant(0.5), g.transpose(g.dense(gram, g.transpose(f))));
  const loss = g.sumColumns(g.multiply(f, g.subtract(half, moment)));
  const slopes = gradient(g, loss, [...weights.values()]);
  const outputs = Object.fromEntries([...weights.keys()].map((name, k) => [`d.${name}`, slopes[k]]));
  return { kernel: compileTraining(trainingProgram({ loss, ...outputs }), { precision: 'float64' }), layout, size };
}

/** Even weights of variance 1/columns (Glorot & Bengio 2010 for tanh), shifts of variance 1. */
function initial(layout: readonly Part[], size: number, seed: number): Float64Array {
  const { words } = openStream([seed, 'recovery', 'network'], 0, Math.ceil(size / 8));
  const weights = new Float64Array(size);
  for (const { name, from, rows, columns } of layout) {
    const width = Math.sqrt(12 / (name.startsWith('w') ? columns : 1));
    for (let k = from; k < from + rows * columns; k++) weights[k] = name === 'c3' ? 0 : width * (words[k] / 2 ** 32 - 0.5);
  }
  return weights;
}

function evaluate(layout: readonly Part[], weights: Float64Array, at: Float64Array): Float64Array {
  const [w1, c1, w2, c2, w3, c3] = layout.map(({ from, rows, columns }) => weights.subarray(from, from + rows * columns));
  const hidden = c1.length;
  const [first, second] = [new Float64Array(hidden), new Float64Array(hidden)];
  return at.map((x) => {
    for (let i = 0; i < hidden; i++) first[i] = tanh(w1[i] * x + c1[i]);
    let total = c3[0];
    for (let i = 0; i < hidden; i++) {
      let sum = c2[i];
      for (let j = 0; j < hidden; j++) sum += w2[i * hidden + j] * first[j];
      second[i] = tanh(sum);
      total += w3[i] * second[i];
    }
    return total;
  });
}
