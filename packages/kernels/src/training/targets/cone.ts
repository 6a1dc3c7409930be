/** How a loop reads a tensor that is not computed in it: from which stored tensor, and how it moves along rows, columns and lanes. */
import { type Shape, sameShape, type Tensor } from '../tensor.ts';
import { isReshape, isRowMap } from './storage.ts';

/** A row of a stored tensor; without a tensor it is zeros. */
export interface Row {
  readonly tensor: Tensor | null;
  readonly row: number;
}

/** A tensor as rows of stored ones. */
export interface View {
  /** One, or as many as the loop has rows. */
  readonly rows: readonly Row[];
  /** Some stored tensor that is read; all have its lanes and columns. */
  readonly of: Tensor;
  /** Lane l reads the row of its group, of so many. */
  readonly groups: number;
  /** How it moves along rows: not, from one to the next, or from one to any other. */
  readonly row: 'fixed' | 'stride' | 'table';
}

/** Follows a tensor to what is stored. */
export function viewOf(tensor: Tensor, stored: ReadonlySet<Tensor>): View {
  if (stored.has(tensor)) return { rows: [{ tensor, row: 0 }], of: tensor, groups: 1, row: tensor.rows === 1 ? 'fixed' : 'stride' };
  const rows = rowsOf(tensor, stored, false);
  const [first] = rows;
  const of = rows.find((row) => row.tensor !== null)?.tensor as Tensor;
  const follows = (by: number): boolean => rows.every((each, k) => each.tensor === of && each.row === first.row + by * k);
  return { rows, of, groups: groupsOf(tensor, stored), row: follows(0) ? 'fixed' : follows(1) ? 'stride' : 'table' };
}

function rowsOf(tensor: Tensor, stored: ReadonlySet<Tensor>, inside: boolean): Row[] {
  if (stored.has(tensor)) return Array.from({ length: tensor.rows }, (_, row) => ({ tensor, row }));
  const [input] = tensor.inputs;
  if (tensor.op === 'concatenateRows') return tensor.inputs.flatMap((part) => rowsOf(part, stored, true));
  if (tensor.op === 'spreadLanes') return [{ tensor: input, row: 0 }];
  const rows = rowsOf(input, stored, true);
  if (tensor.op === 'gatherRows') return tensor.numbers.map((row) => rows[row]);
  if (tensor.op === 'broadcast') return rows.length === 1 && inside ? Array.from({ length: tensor.rows }, () => rows[0]) : rows;
  const result: Row[] = Array.from({ length: tensor.rows }, () => ({ tensor: null, row: 0 }));
  for (const [from, to] of tensor.numbers.entries()) result[to] = rows[from];
  return result;
}

function groupsOf(tensor: Tensor, stored: ReadonlySet<Tensor>): number {
  if (stored.has(tensor)) return 1;
  if (tensor.op === 'spreadLanes') return tensor.numbers[0];
  return Math.max(...tensor.inputs.map((input) => groupsOf(input, stored)));
}

/** What a result needs: views of stored tensors, through all that is computed on the way. */
export interface Cone {
  readonly reads: readonly Tensor[];
  /** Numbers of groups of lanes that are read by group. */
  readonly groups: ReadonlySet<number>;
  /** Whether some rows are looked up. */
  readonly isIrregular: boolean;
  /** Stored tensors that are needed at other places than the loop's own element. */
  readonly elsewhere: ReadonlySet<Tensor>;
  /** All stored tensors. */
  readonly needs: ReadonlySet<Tensor>;
}

/** Follows what is not stored down to what is; `loop` is the shape of the loop. */
export function coneOf(roots: readonly Tensor[], loop: Shape, stored: ReadonlySet<Tensor>): Cone {
  const reads: Tensor[] = [];
  const seen = new Set<Tensor>();
  const [groups, elsewhere, needs] = [new Set<number>(), new Set<Tensor>(), new Set<Tensor>()];
  let isIrregular = false;
  const stack = [...roots];
  for (let tensor = stack.pop(); tensor !== undefined; tensor = stack.pop()) {
    if (seen.has(tensor)) continue;
    seen.add(tensor);
    if (!stored.has(tensor) && !isRead(tensor)) {
      stack.push(...tensor.inputs);
      continue;
    }
    reads.push(tensor);
    const view = viewOf(tensor, stored);
    if (view.groups > 1) groups.add(view.groups);
    if (view.row === 'table') isIrregular = true;
    for (const row of view.rows) {
      if (row.tensor === null) continue;
      needs.add(row.tensor);
      if (row.tensor !== tensor || !sameShape(tensor, loop)) elsewhere.add(row.tensor);
    }
  }
  return { reads, groups, isIrregular, elsewhere, needs };
}

/** Read from memory in a loop, though it is not itself in memory. */
export const isRead = (tensor: Tensor): boolean => isRowMap(tensor) || tensor.op === 'broadcast' || tensor.op === 'spreadLanes';

/** The stored tensor whose memory a reshaped one has. */
export function baseOf(tensor: Tensor, ownMemory: ReadonlySet<Tensor>): Tensor {
  return isReshape(tensor) && !ownMemory.has(tensor) ? baseOf(tensor.inputs[0], ownMemory) : tensor;
}
