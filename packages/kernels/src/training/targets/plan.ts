/** What the compiled targets do with a training program, decided once: which kernels run in which order, and where in one array everything lies. */
import type { Tensor } from '../tensor.ts';
import { LANE_MULTIPLE, type Precision } from '../trainingKernel.ts';
import type { TrainingProgram } from '../trainingProgram.ts';
import { baseOf, coneOf, type View } from './cone.ts';
import { type Group, groupsOf, startsOf } from './group.ts';
import { type Kernel, type KernelCall, LOOP_HEAD, SLOT_SIZE, textOf } from './kernels.ts';
import { type Loop, loopOf } from './loop.ts';
import { type Normalised, normalise } from './normalise.ts';
import { isElementwise, isReshape, isSum, storedTensors } from './storage.ts';

/** A part of the array, in numbers. */
export interface Part {
  readonly at: number;
  readonly length: number;
}

/** The plan of a program for a number of lanes. */
export interface TrainingPlan {
  /** All different ones. */
  readonly kernels: readonly Kernel[];
  readonly calls: readonly KernelCall[];
  readonly inputs: Readonly<Record<string, Part>>;
  readonly outputs: Readonly<Record<string, Part>>;
  readonly constants: readonly { readonly at: number; readonly numbers: readonly number[] }[];
  /** Numbers in the array. */
  readonly size: number;
}

/** Where a stored tensor lies; lanes are contiguous, and without lanes columns are. */
interface Place {
  readonly at: number;
  readonly row: number;
  readonly column: number;
}

/** Numbers behind every array that a register may reach into. */
const ROOM = 16;

/** Decides how a program is run. */
export function planTraining(program: TrainingProgram, lanes: number, precision: Precision): TrainingPlan {
  const normal = normalise(program);
  const stored = withoutConflicts(normal, storedTensors(normal));
  const results = new Set(normal.outputs.map(({ tensor }) => tensor));
  const groups = groupsOf(normal, stored, results, lanes);
  const memory = memoryOf(normal, stored, results, groups, lanes);
  const kernels: Kernel[] = [];
  const known = new Map<string, number>();
  const calls = groups.flatMap((group): KernelCall[] => {
    const made =
      group.kind === 'matrix' ? matrixCall(group.results[0], memory, lanes) : loopCall(loopOf(group, stored, precision), group, memory, lanes);
    const text = textOf(made.kernel);
    let kernel = known.get(text);
    if (kernel === undefined) {
      kernel = kernels.push(made.kernel) - 1;
      known.set(text, kernel);
    }
    return [{ kernel, parameters: made.parameters }];
  });
  const part = (tensor: Tensor): Part => ({ at: memory.place(tensor).at, length: tensor.rows * tensor.columns * (tensor.lanes ? lanes : 1) });
  const named = new Map(normal.tensors.filter(({ op }) => op === 'input').map((tensor) => [tensor.name, tensor]));
  const inputs = program.inputs.map(({ name }) => [name, part(named.get(name) as Tensor)] as const);
  const constants = normal.tensors.filter(({ op }) => op === 'constant').map((tensor) => ({ at: memory.place(tensor).at, numbers: tensor.numbers }));
  return {
    kernels,
    calls,
    inputs: Object.fromEntries(inputs),
    outputs: Object.fromEntries(normal.outputs.map(({ name, tensor }) => [name, part(tensor)])),
    constants,
    size: memory.size,
  };
}

/** A loop tells groups of lanes apart by one number of groups only: what would need another one is stored. */
function withoutConflicts({ tensors }: Normalised, stored: ReadonlySet<Tensor>): ReadonlySet<Tensor> {
  const all = new Set(stored);
  for (const tensor of tensors) {
    if (!stored.has(tensor) || !(isSum(tensor) || isElementwise(tensor))) continue;
    const shape = isSum(tensor) ? tensor.inputs[0] : tensor;
    const cone = coneOf(startsOf(tensor), shape, all);
    const needed = new Set([...cone.groups, ...(tensor.op === 'sumLanes' ? [tensor.numbers[0]] : [])]);
    if (needed.size < 2) continue;
    for (const read of cone.reads) if (coneOf([read], shape, all).groups.size > 0) all.add(read);
  }
  return all;
}

interface Memory {
  place(tensor: Tensor): Place;
  /** Where zeros lie, as many as any row may need. */
  readonly zeros: number;
  readonly size: number;
}

/** Gives every stored tensor a place; a place is given again after the last use. */
function memoryOf(
  { tensors }: Normalised,
  stored: ReadonlySet<Tensor>,
  results: ReadonlySet<Tensor>,
  groups: readonly Group[],
  lanes: number,
): Memory {
  const places = new Map<Tensor, Place>();
  // Rows whose distance is a multiple of a page's part fall on each other in the nearest cache.
  const reshaped = new Set(tensors.filter(isReshape).flatMap((tensor) => tensor.inputs));
  const strideOf = (tensor: Tensor): number => (tensor.lanes ? lanes + (isOwn(tensor) && tensor.columns === 1 && lanes % 128 === 0 ? ROOM : 0) : 1);
  const isOwn = (tensor: Tensor): boolean => !results.has(tensor) && tensor.op !== 'input' && !reshaped.has(tensor);
  let size = ROOM;
  const free: { at: number; length: number }[] = [];
  function take(tensor: Tensor, again: boolean): void {
    const column = strideOf(tensor);
    const length = Math.ceil((tensor.rows * tensor.columns * column + ROOM) / LANE_MULTIPLE) * LANE_MULTIPLE;
    let fitting: { at: number; length: number } | undefined;
    if (again) for (const gap of free) if (gap.length >= length && gap.length < (fitting?.length ?? Number.POSITIVE_INFINITY)) fitting = gap;
    let at = size;
    if (fitting === undefined) size += length;
    else {
      at = fitting.at;
      fitting.at += length;
      fitting.length -= length;
      if (fitting.length === 0) free.splice(free.indexOf(fitting), 1);
    }
    places.set(tensor, { at, row: tensor.columns * column, column });
  }
  function release(tensor: Tensor): void {
    const { at, column } = places.get(tensor) as Place;
    const gap = { at, length: Math.ceil((tensor.rows * tensor.columns * column + ROOM) / LANE_MULTIPLE) * LANE_MULTIPLE };
    for (let k = free.length - 1; k >= 0; k--) {
      const other = free[k];
      if (other.at !== gap.at + gap.length && other.at + other.length !== gap.at) continue;
      gap.at = Math.min(gap.at, other.at);
      gap.length += other.length;
      free.splice(k, 1);
    }
    free.push(gap);
  }
  const base = (tensor: Tensor): Tensor => baseOf(tensor, results);
  for (const tensor of tensors) if (tensor.op === 'input' || tensor.op === 'constant' || results.has(tensor)) take(tensor, false);
  const widest = Math.max(0, ...tensors.filter(({ op }) => op === 'scatterRows').map(({ lanes: has, columns }) => columns * (has ? lanes : 1)));
  const zeros = size;
  size += Math.ceil((widest + ROOM) / LANE_MULTIPLE) * LANE_MULTIPLE;
  const last = new Map<Tensor, number>();
  for (const [k, group] of groups.entries()) {
    for (const need of group.needs) last.set(base(need), k);
    for (const result of group.results) last.set(result, Math.max(k, last.get(result) ?? 0));
  }
  const ends: Tensor[][] = groups.map(() => []);
  for (const [tensor, end] of last) {
    if (stored.has(tensor) && !results.has(tensor) && tensor.op !== 'input' && tensor.op !== 'constant') ends[end].push(tensor);
  }
  for (const [k, group] of groups.entries()) {
    for (const result of group.results) if (!places.has(result)) take(result, true);
    for (const tensor of ends[k]) release(tensor);
  }
  const place = (tensor: Tensor): Place => {
    const own = places.get(tensor);
    if (own !== undefined) return own;
    const { at, row, column } = place(tensor.inputs[0]);
    // A row becomes a column, or the reverse.
    return tensor.inputs[0].rows === 1 ? { at, row: column, column: tensor.lanes ? column : 1 } : { at, row: row * tensor.columns, column: row };
  };
  return { place, zeros, size: size + ROOM };
}

interface Made {
  readonly kernel: Kernel;
  readonly parameters: readonly number[];
}

function loopCall({ kernel, inputs, stores, sums, layout }: Loop, { shape, over, groups, results }: Group, memory: Memory, lanes: number): Made {
  const parameters: number[] = [];
  const tables: number[] = [];
  const head = LOOP_HEAD + SLOT_SIZE * (inputs.length + stores.length + sums.length);
  const elements = shape.rows * shape.columns;
  const sumGroups = results.find(({ op }) => op === 'sumRows')?.numbers[0] ?? 1;
  const segments = layout === 'lanes' ? Math.max(1, groups) : over === 'flat' ? sumGroups : 1;
  const rowGroups = over === 'rows' ? sumGroups : 1;
  const vector = { lanes, line: shape.columns, flat: elements, single: 1 }[layout];
  const hasColumns = layout === 'lanes' || layout === 'single';
  parameters.push(rowGroups, layout === 'flat' ? 1 : shape.rows / rowGroups, hasColumns ? shape.columns : 1, segments, vector / segments);
  const slot = (at: number, row: number, column: number, segment: number): unknown => parameters.push(at, row, column, segment);
  for (const [k, view] of inputs.entries()) {
    const traits = kernel.inputs[k];
    const { at, row, column } = memory.place(view.of);
    const segment = !traits.segment && traits.vector ? vector / segments : traits.segment ? row : 0;
    const columns = traits.column ? column : 0;
    if (isTransposed(view, results)) slot(at, column, row, segment);
    else if (traits.row === 'table') {
      slot(0, head + tables.length, columns, segment);
      for (const each of view.rows) {
        const place = each.tensor === null ? undefined : memory.place(each.tensor);
        tables.push(place === undefined ? memory.zeros : place.at + each.row * place.row);
      }
    } else slot(at + view.rows[0].row * row, traits.row === 'stride' ? row : 0, columns, segment);
  }
  for (const result of stores) {
    const { at, row, column } = memory.place(result);
    slot(at, row, hasColumns ? column : 0, vector / segments);
  }
  for (const result of sums) {
    const { at, row, column } = memory.place(result);
    // By segments: each has a row of its own.
    const segment = kernel.over !== 'vector' ? vector / segments : segments > 1 ? row : 0;
    slot(at, segments > 1 && kernel.over === 'vector' ? 0 : row, layout === 'lanes' && kernel.over !== 'columns' ? column : 0, segment);
  }
  return { kernel, parameters: [...parameters, ...tables] };
}

const isTransposed = (view: View, results: readonly Tensor[]): boolean => results[0].op === 'transpose' && view.of === results[0].inputs[0];

function matrixCall(tensor: Tensor, memory: Memory, lanes: number): Made {
  const [a, b] = tensor.inputs;
  const [p, y] = [memory.place(a), memory.place(tensor)];
  if (tensor.op === 'scatterRows') {
    // Shared rows lie behind each other as lanes do.
    const size = tensor.lanes ? lanes : tensor.columns;
    const columns = tensor.lanes ? tensor.columns : 1;
    const head = 11;
    const parameters = [a.rows, tensor.rows, columns, size, p.at, p.row, p.column, y.at, y.row, y.column, head, ...tensor.numbers];
    return { kernel: { kind: 'scatter' }, parameters };
  }
  const q = memory.place(b);
  if (tensor.op === 'outer') {
    if (!a.lanes && a.columns === 1) return dense([a.rows, 1, 1, b.rows, p.at, p.row, 0, q.at, 0, 0, y.at, y.row, 0]);
    const [columns, size] = a.lanes ? [a.columns, lanes] : [1, a.columns];
    return { kernel: { kind: 'outer' }, parameters: [a.rows, b.rows, columns, size, p.at, p.row, p.column, q.at, q.row, q.column, y.at, y.row] };
  }
  const isTransposed = tensor.op === 'denseTransposed';
  const inner = b.rows;
  if (b.lanes) {
    const [row, column] = isTransposed ? [p.column, p.row] : [p.row, p.column];
    return dense([tensor.rows, inner, tensor.columns, lanes, p.at, row, column, q.at, q.row, q.column, y.at, y.row, y.column]);
  }
  if (b.columns > 1) {
    const [row, column] = isTransposed ? [p.column, p.row] : [p.row, p.column];
    return dense([tensor.rows, inner, 1, b.columns, p.at, row, column, q.at, q.row, 0, y.at, y.row, 0]);
  }
  // A matrix by a vector: sums along its rows, or its rows added up, weighted.
  if (!isTransposed) return { kernel: { kind: 'outer' }, parameters: [tensor.rows, 1, 1, inner, p.at, p.row, 0, q.at, 0, 0, y.at, 1] };
  return dense([1, inner, 1, tensor.rows, q.at, 0, q.row, p.at, p.row, 0, y.at, 0, 0]);
}

const dense = (parameters: readonly number[]): Made => ({ kernel: { kind: 'dense' }, parameters });
