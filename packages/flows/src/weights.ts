/** Weights as one flat array, for optimisers, checkpoints and files, and as inputs of a graph. */
import type { Numbers, TensorBuilder } from '@ergoflow/kernels';
import type { Weight, Weights } from './flow.ts';

/** Numbers in all weights together. */
export const weightCount = (weights: readonly Weight[]): number => weights.reduce((total, { rows, columns }) => total + rows * columns, 0);

/**
 * Puts named weights into one array, in the order of `weights`, row by row.
 *
 * @throws RangeError if one is missing or has another size.
 */
export function packWeights(weights: readonly Weight[], named: Readonly<Record<string, ArrayLike<number>>>): Float64Array {
  const flat = new Float64Array(weightCount(weights));
  let first = 0;
  for (const { name, rows, columns } of weights) {
    const values = Object.hasOwn(named, name) ? named[name] : undefined;
    if (values?.length !== rows * columns)
      throw new RangeError(`weight ${name} must have ${rows} × ${columns} numbers, got ${values?.length ?? 'none'}`);
    flat.set(values, first);
    first += values.length;
  }
  return flat;
}

/**
 * Views one array as named weights; they share its memory.
 *
 * @throws RangeError if the array has another length.
 */
export function unpackWeights(weights: readonly Weight[], flat: Float64Array): Record<string, Float64Array> {
  const count = weightCount(weights);
  if (flat.length !== count) throw new RangeError(`weights must be ${count} numbers, got ${flat.length}`);
  let first = 0;
  return Object.fromEntries(
    weights.map(({ name, rows, columns }) => {
      const view = flat.subarray(first, first + rows * columns);
      first += view.length;
      return [name, view];
    }),
  );
}

/** Gives each weight as a shared input of the graph, named `prefix` + its name. */
export function weightInputs(g: TensorBuilder, weights: readonly Weight[], prefix = ''): Weights {
  const shapes = new Map(weights.map(({ name, rows, columns }) => [name, { lanes: false, rows, columns }]));
  return (name) => {
    const shape = shapes.get(name);
    if (shape === undefined) throw new RangeError(`weight must be one of the flow's, got ${JSON.stringify(name)}`);
    return g.input(prefix + name, shape);
  };
}

/** Writes packed weights into a kernel's inputs; those that its program does not use are passed over. */
export function setWeights(inputs: Readonly<Record<string, Numbers>>, weights: readonly Weight[], flat: Float64Array, prefix = ''): void {
  for (const [name, values] of Object.entries(unpackWeights(weights, flat))) {
    if (Object.hasOwn(inputs, prefix + name)) inputs[prefix + name].set(values);
  }
}
