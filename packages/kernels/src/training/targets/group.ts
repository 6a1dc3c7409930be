/** Which results are computed in one loop, and in which order loops and matrix products run. */
import { type Shape, sameShape, shapeOf, type Tensor } from '../tensor.ts';
import { LANE_MULTIPLE } from '../trainingKernel.ts';
import { type Cone, coneOf } from './cone.ts';
import type { Normalised } from './normalise.ts';
import { isReshape, isRowMap, isSum } from './storage.ts';

/** Results computed together. */
export interface Group {
  /** A loop over a shape's elements, or one of the matrix products, or a scatter. */
  readonly kind: 'loop' | 'matrix';
  readonly shape: Shape;
  readonly results: Tensor[];
  /** What its sums run over; one thing only. */
  over: Over | null;
  /** Groups of lanes that something is read or summed by; 0 if it does not matter. */
  groups: number;
  /** Everything is read at the loop's own element or is one number, so that rows and columns of shared tensors are one axis. */
  isFlat: boolean;
  readonly needs: Set<Tensor>;
}

/** Sums over lanes, rows or columns. `flat`: the rows of one shared column, which are contiguous; `line`: the columns of each row of a shared matrix. */
export type Over = 'lanes' | 'flat' | 'line' | 'rows' | 'columns';

/** Results in one loop, so that a kernel keeps a size that a compiler likes. */
const MOST_RESULTS = 12;
const MOST_NEEDS = 32;

/** The tensor that a result is computed from element by element: what a sum adds, or the result itself. */
export const termOf = (tensor: Tensor): Tensor => (isSum(tensor) ? tensor.inputs[0] : tensor);

/** What the cone of a stored result begins with. */
export const startsOf = (tensor: Tensor): readonly Tensor[] => (isSum(tensor) ? [tensor.inputs[0]] : tensor.inputs);

/** Reads rows or elements in another order than it has them itself: not part of a cone's arithmetic. */
const isCopy = (tensor: Tensor): boolean => isRowMap(tensor) || tensor.op === 'broadcast' || tensor.op === 'spreadLanes';

const isMatrix = (tensor: Tensor): boolean =>
  tensor.op === 'dense' || tensor.op === 'denseTransposed' || tensor.op === 'outer' || (tensor.op === 'scatterRows' && !isRowMap(tensor));

/** Puts every stored tensor into a group, in an order in which they can run. `own`: reshaped tensors that have memory of their own. */
export function groupsOf({ tensors }: Normalised, stored: ReadonlySet<Tensor>, own: ReadonlySet<Tensor>, lanes: number): Group[] {
  const groups: Group[] = [];
  const home = new Map<Tensor, number>();
  for (const tensor of tensors) {
    if (!stored.has(tensor) || tensor.op === 'input' || tensor.op === 'constant') continue;
    if (isReshape(tensor) && !own.has(tensor)) {
      const at = home.get(tensor.inputs[0]);
      if (at !== undefined) home.set(tensor, at);
      continue;
    }
    if (isMatrix(tensor) || tensor.op === 'transpose') {
      const kind = isMatrix(tensor) ? 'matrix' : 'loop';
      home.set(tensor, groups.length);
      groups.push({ kind, shape: shapeOf(tensor), results: [tensor], over: null, groups: 0, isFlat: false, needs: new Set(tensor.inputs) });
      continue;
    }
    const shape = shapeOf(termOf(tensor));
    const cone = coneOf(isCopy(tensor) ? [unstored(tensor)] : startsOf(tensor), shape, stored);
    const over = overOf(tensor, cone);
    const first = earliest(cone, shape, groups, home);
    let at = groups.findLastIndex((group, k) => k >= first && fits(group, tensor, shape, over, cone, lanes));
    if (at < 0) {
      at = groups.length;
      groups.push({ kind: 'loop', shape, results: [], over: null, groups: 0, isFlat: true, needs: new Set() });
    }
    const group = groups[at];
    group.results.push(tensor);
    group.over ??= over;
    group.groups = Math.max(group.groups, lanesGroups(tensor, cone));
    group.isFlat &&= isFlat(cone);
    for (const need of cone.needs) group.needs.add(need);
    home.set(tensor, at);
  }
  return groups;
}

/** A copy of a stored tensor that is read like one that is not. */
export const unstored = (tensor: Tensor): Tensor => ({ ...tensor });

function overOf(tensor: Tensor, cone: Cone): Over | null {
  const input = tensor.inputs[0];
  if (tensor.op === 'sumLanes') return 'lanes';
  if (tensor.op === 'sumColumns') return input.lanes ? 'columns' : 'line';
  if (tensor.op !== 'sumRows') return null;
  return input.lanes || input.columns > 1 || !isFlat(cone) ? 'rows' : 'flat';
}

const isFlat = ({ needs, elsewhere, isIrregular }: Cone): boolean =>
  !isIrregular && [...needs].every((need) => (need.rows === 1 && need.columns === 1) || !elsewhere.has(need));

/** Groups of lanes that a result needs its loop to tell apart; 0 if none. */
function lanesGroups(tensor: Tensor, cone: Cone): number {
  return Math.max(0, tensor.op === 'sumLanes' ? tensor.numbers[0] : 0, ...cone.groups);
}

function earliest(cone: Cone, shape: Shape, groups: readonly Group[], home: ReadonlyMap<Tensor, number>): number {
  let first = 0;
  for (const need of cone.needs) {
    const at = home.get(need);
    if (at === undefined) continue;
    const group = groups[at];
    const isHere =
      group.kind === 'loop' && sameShape(group.shape, shape) && !isSum(need) && group.results.includes(need) && !cone.elsewhere.has(need);
    first = Math.max(first, isHere ? at : at + 1);
  }
  return first;
}

function fits(group: Group, tensor: Tensor, shape: Shape, over: Over | null, cone: Cone, lanes: number): boolean {
  if (group.kind !== 'loop' || !sameShape(group.shape, shape) || group.results[0].op === 'transpose') return false;
  if (group.results.length >= MOST_RESULTS || group.needs.size + cone.needs.size > MOST_NEEDS) return false;
  if (group.over !== null && over !== null && group.over !== over) return false;
  const own = lanesGroups(tensor, cone);
  if (group.groups > 0 && own > 0 && group.groups !== own) return false;
  if (group.over === 'rows' && over === 'rows' && tensor.numbers[0] !== group.results.find(({ op }) => op === 'sumRows')?.numbers[0]) return false;
  if (group.over === 'flat' && over === 'flat' && tensor.numbers[0] !== group.results.find(({ op }) => op === 'sumRows')?.numbers[0]) return false;
  const all = over ?? group.over;
  if (all === 'flat' && !(group.isFlat && isFlat(cone))) return false;
  // Sums over rows and columns go through them for each register in turn, so stores are in ascending order only where no register reaches beyond its part.
  const hasStores = group.results.some((result) => !isSum(result)) || over === null;
  const isWhole = shape.lanes && (lanes / Math.max(1, group.groups, own)) % LANE_MULTIPLE === 0;
  if ((all === 'rows' || all === 'columns') && hasStores && !isWhole) return false;
  const isShared = (need: Tensor): boolean => (need.lanes || need.rows * need.columns > 1) && (group.needs.has(need) || group.results.includes(need));
  return [...cone.needs].some(isShared);
}
