/** A program's tensors without what only differentiation needs, and with every broadcast that a concatenation implies spelled out. */
import { shapeOf, type Tensor } from '../tensor.ts';
import type { TrainingProgram } from '../trainingProgram.ts';

/** What has to be computed, inputs first, and what the outputs are of it. */
export interface Normalised {
  readonly tensors: readonly Tensor[];
  readonly outputs: readonly { readonly name: string; readonly tensor: Tensor }[];
}

/** Removes `stopGradient`; makes the parts of a concatenation alike. */
export function normalise(program: TrainingProgram): Normalised {
  const tensors: Tensor[] = [];
  const made = new Map<Tensor, Tensor>();
  const add = (tensor: Omit<Tensor, 'id'>): Tensor => {
    const own = { ...tensor, id: tensors.length };
    tensors.push(own);
    return own;
  };
  for (const tensor of program.tensors) {
    const inputs = tensor.inputs.map((input) => made.get(input) as Tensor);
    if (tensor.op === 'stopGradient') made.set(tensor, inputs[0]);
    else if (tensor.op === 'concatenateRows') {
      const parts = inputs.map((part) =>
        part.lanes === tensor.lanes
          ? part
          : add({ ...shapeOf(part), lanes: true, op: 'broadcast', inputs: [part], numbers: [], name: '', custom: null }),
      );
      made.set(tensor, add({ ...tensor, inputs: parts }));
    } else made.set(tensor, add({ ...tensor, inputs }));
  }
  return { tensors, outputs: program.outputs.map(({ name, tensor }) => ({ name, tensor: made.get(tensor) as Tensor })) };
}
