/**
 * The networks that couplings and autoregressive maps take their parameters from: dense layers, masked where rows must not see each other.
 *
 * Masks as in Germain, Gregor, Murray & Larochelle 2015 ("MADE", arXiv 1502.03509, eq. 8–9): each row has a degree; a hidden row of degree m sees inputs of
 * degree ≤ m, an output row of degree k sees hidden rows of degree < k. The last layer starts at 0, so that the map starts at the identity.
 */
import type { Tensor, TensorBuilder } from '@ergoflow/kernels';
import type { Uniform, Weight, Weights } from './flow.ts';

/** What hidden layers apply to their sums. */
export type Activation = 'tanh' | 'relu';

/** The hidden part of a conditioner. */
export interface Hidden {
  /** Rows of each hidden layer. */
  readonly hidden: readonly number[];
  readonly activation: Activation;
}

/** Which rows see which; see the head of the file. */
export interface Degrees {
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

/** A network without inputs is a constant. */
export interface Conditioner {
  readonly weights: readonly Weight[];
  /**
   * Uniform of variance 2/(fan in) (relu) or 5/3/(fan in) (tanh) with biases of ±1/√(fan in); 0 in the last layer.
   *
   * The usual 2/(fan in + fan out) for tanh makes the first layer of a network with one or two inputs all but linear: of three fits of six couplings to
   * two modes none came near the best.
   */
  start(uniform: Uniform): Readonly<Record<string, Float64Array>>;
  /**
   * Builds the outputs.
   *
   * @param input As many rows as the network has inputs; null if it has none.
   * @param rows Which rows of the output; default all.
   */
  build(g: TensorBuilder, weights: Weights, input: Tensor | null, rows?: readonly number[]): Tensor;
}

interface Layer {
  readonly matrix: string;
  readonly bias: string;
  readonly rows: number;
  readonly columns: number;
  /** Row by row; null for all ones. */
  readonly mask: readonly number[] | null;
}

/**
 * Makes a network.
 *
 * @param inputs Number of inputs, 0 for a constant.
 * @param degrees For masks; without them every row sees every row.
 */
export function conditioner(inputs: number, outputs: number, { hidden, activation }: Hidden, degrees: Degrees | null = null): Conditioner {
  const layers = inputs === 0 ? [] : hiddenLayers(inputs, hidden, degrees);
  const before = inputs === 0 ? 0 : (layers.at(-1)?.rows ?? inputs);
  const lastDegrees = degrees === null ? null : hidden.length === 0 ? degrees.inputs : hiddenDegrees(degrees, before);
  const last: Layer = {
    matrix: 'output.matrix',
    bias: 'output.bias',
    rows: outputs,
    columns: before,
    mask: degrees === null || lastDegrees === null ? null : maskOf(degrees.outputs, lastDegrees, (output, input) => input < output),
  };
  const all = before === 0 ? layers : [...layers, last];
  return {
    weights: [
      ...all.flatMap(({ matrix, bias, rows, columns }) => [
        { name: matrix, rows, columns },
        { name: bias, rows, columns: 1 },
      ]),
      ...(before === 0 ? [{ name: last.bias, rows: outputs, columns: 1 }] : []),
    ],
    start: (uniform) => {
      const values: Record<string, Float64Array> = { [last.matrix]: new Float64Array(outputs * before), [last.bias]: new Float64Array(outputs) };
      if (before === 0) delete values[last.matrix];
      for (const { matrix, bias, rows, columns } of layers) {
        const reach = Math.sqrt((activation === 'relu' ? 6 : 5) / columns);
        values[matrix] = Float64Array.from({ length: rows * columns }, () => reach * (2 * uniform() - 1));
        values[bias] = Float64Array.from({ length: rows }, () => (2 * uniform() - 1) / Math.sqrt(columns));
      }
      return values;
    },
    build: (g, weights, input, rows) => {
      const pick = (a: Tensor): Tensor => (rows === undefined ? a : g.gatherRows(a, rows));
      if (input === null) return pick(weights(last.bias));
      let x = input;
      for (const layer of layers) {
        const sum = g.add(g.dense(masked(g, weights, layer), x), weights(layer.bias));
        x = activation === 'relu' ? g.maximum(sum, g.constant(0)) : g.tanh(sum);
      }
      return g.add(g.dense(pick(masked(g, weights, last)), x), pick(weights(last.bias)));
    },
  };
}

function masked(g: TensorBuilder, weights: Weights, { matrix, mask, rows, columns }: Layer): Tensor {
  return mask === null ? weights(matrix) : g.multiply(weights(matrix), g.constant(mask, rows, columns));
}

function hiddenLayers(inputs: number, hidden: readonly number[], degrees: Degrees | null): Layer[] {
  return hidden.map((rows, k) => {
    const columns = k === 0 ? inputs : hidden[k - 1];
    const before = degrees === null ? [] : k === 0 ? degrees.inputs : hiddenDegrees(degrees, columns);
    const mask = degrees === null ? null : maskOf(hiddenDegrees(degrees, rows), before, (to, from) => from <= to);
    return { matrix: `hidden.${k}.matrix`, bias: `hidden.${k}.bias`, rows, columns, mask };
  });
}

/** Degrees of a hidden layer: those that inputs have and outputs use, in turn. */
function hiddenDegrees({ inputs, outputs }: Degrees, rows: number): number[] {
  const least = Math.min(...inputs);
  const count = Math.max(1, Math.max(...outputs) - least);
  return Array.from({ length: rows }, (_, k) => least + (k % count));
}

function maskOf(to: readonly number[], from: readonly number[], sees: (to: number, from: number) => boolean): number[] {
  return to.flatMap((row) => from.map((column) => (sees(row, column) ? 1 : 0)));
}
