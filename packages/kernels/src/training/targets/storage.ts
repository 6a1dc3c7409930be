/**
 * Which tensors of a training program are kept in memory. The others are computed where they are used: what has one user goes into its loop, and what is
 * cheap is computed again by each, as memory is slower than arithmetic.
 */
import { sameShape, type Tensor, type TensorOp } from '../tensor.ts';
import type { Normalised } from './normalise.ts';

/** Operations of an elementwise primitive, about; what is not listed is none. */
const COST: Partial<Record<TensorOp, number>> = {
  add: 1,
  subtract: 1,
  multiply: 1,
  divide: 4,
  maximum: 3,
  minimum: 3,
  less: 1,
  lessEqual: 1,
  equal: 1,
  select: 1,
  negate: 1,
  absolute: 1,
  floor: 1,
  squareRoot: 4,
  exp: 20,
  log: 30,
  sin: 30,
  cos: 30,
  tanh: 20,
  atan: 25,
  erf: 40,
};

/** What is computed again rather than stored and loaded. */
const CHEAP = 16;

export const isElementwise = (tensor: Tensor): boolean => COST[tensor.op] !== undefined;
/** Reads rows of its inputs in another order; costs nothing where it is read. */
export const isRowMap = ({ op, numbers }: Tensor): boolean =>
  op === 'gatherRows' || op === 'concatenateRows' || (op === 'scatterRows' && new Set(numbers).size === numbers.length);
/** Reads its input at fewer places than it has elements. */
export const isSpread = ({ op }: Tensor): boolean => op === 'broadcast' || op === 'spreadLanes';
export const isSum = ({ op }: Tensor): boolean => op === 'sumRows' || op === 'sumColumns' || op === 'sumLanes';
const isLeaf = ({ op }: Tensor): boolean => op === 'input' || op === 'constant';
/** Numbers lie in memory as those of the input do. */
export const isReshape = ({ op, rows, columns }: Tensor): boolean => op === 'transpose' && (rows === 1 || columns === 1);

/** Decides what is stored. */
export function storedTensors({ tensors, outputs }: Normalised): ReadonlySet<Tensor> {
  const users = new Map<Tensor, Tensor[]>(tensors.map((tensor) => [tensor, []]));
  for (const tensor of tensors) for (const input of new Set(tensor.inputs)) users.get(input)?.push(tensor);
  const results = new Set(outputs.map(({ tensor }) => tensor));
  const stored = new Set<Tensor>();
  const cost = new Map<Tensor, number>();
  for (const tensor of tensors) {
    const own = (COST[tensor.op] ?? 0) + tensor.inputs.reduce((total, input) => total + (stored.has(input) ? 0 : (cost.get(input) ?? 0)), 0);
    cost.set(tensor, own);
    const list = users.get(tensor) as Tensor[];
    const inPlace = list.every((user) => readsInPlace(user, tensor));
    const isFree = isRowMap(tensor) || isSpread(tensor);
    const isComputed = isElementwise(tensor);
    if (results.has(tensor) || isLeaf(tensor) || !(isFree || isComputed)) stored.add(tensor);
    else if (isComputed && (!inPlace || (list.length > 1 && own > CHEAP))) stored.add(tensor);
    else if (isSpread(tensor) && list.some((user) => !(isSum(user) || isElementwise(user) || user.op === 'broadcast'))) stored.add(tensor);
    else if (isRowMap(tensor) && list.some((user) => isMatrix(user) || user.op === 'transpose' || user.op === 'spreadLanes')) stored.add(tensor);
  }
  return stored;
}

const isMatrix = (tensor: Tensor): boolean =>
  tensor.op === 'dense' || tensor.op === 'denseTransposed' || tensor.op === 'outer' || (tensor.op === 'scatterRows' && !isRowMap(tensor));

/** Whether a user needs of each element just that element. */
function readsInPlace(user: Tensor, tensor: Tensor): boolean {
  if (isSum(user)) return true;
  return isElementwise(user) && sameShape(user, tensor);
}
