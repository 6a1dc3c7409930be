/** Training programs: named results of a training graph, and what is needed to compute them. */
import { type Shape, sameShape, shapeOf, type Tensor } from './tensor.ts';

/** A training program, checked. */
export interface TrainingProgram {
  /** In the order given. */
  readonly outputs: readonly { readonly name: string; readonly tensor: Tensor }[];
  /** What must be given, in order of name. */
  readonly inputs: readonly { readonly name: string; readonly shape: Shape }[];
  /** What has to be computed, inputs first. */
  readonly tensors: readonly Tensor[];
}

/**
 * Makes a program of its results.
 *
 * @param outputs Tensors of one graph by name.
 * @throws TypeError if one input's name has two shapes.
 */
export function trainingProgram(outputs: Readonly<Record<string, Tensor>>): TrainingProgram {
  const seen = new Set<Tensor>();
  const stack = Object.values(outputs);
  for (let tensor = stack.pop(); tensor !== undefined; tensor = stack.pop()) {
    if (seen.has(tensor)) continue;
    seen.add(tensor);
    stack.push(...tensor.inputs);
  }
  const tensors = [...seen].sort((a, b) => a.id - b.id);
  const shapes = new Map<string, Shape>();
  for (const tensor of tensors) {
    if (tensor.op !== 'input') continue;
    if (!sameShape(shapes.get(tensor.name) ?? tensor, tensor)) throw new TypeError(`input ${tensor.name} must have one shape`);
    shapes.set(tensor.name, shapeOf(tensor));
  }
  const inputs = [...shapes].map(([name, shape]) => ({ name, shape })).sort((a, b) => (a.name < b.name ? -1 : 1));
  return { outputs: Object.entries(outputs).map(([name, tensor]) => ({ name, tensor })), inputs, tensors };
}
