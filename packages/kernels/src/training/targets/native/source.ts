/** A training plan's kernels as C. Sizes and places are arguments, so that programs of one form share a library. */
import type { Node } from '../../../graph.ts';
import { vectorOperation } from '../../../targets/native/operations.ts';
import type { Precision } from '../../trainingKernel.ts';
import { type Kernel, LOOP_HEAD, type LoopKernel, SLOT_SIZE } from '../kernels.ts';
import { printMatrix } from './matrix.ts';
import { prelude } from './prelude.ts';

/** Runs calls: each is the kernel's number, the number of its parameters, and these; a negative number ends the list. */
export const SIGNATURE = 'void ergoflow_train(uint64_t array, uint64_t calls)';

/** Writes the C of kernels. */
export function printKernels(kernels: readonly Kernel[], precision: Precision): string {
  return [
    prelude(precision),
    ...kernels.map((kernel, k) => (kernel.kind === 'loop' ? printLoop(kernel, `k${k}`, precision) : printMatrix(kernel.kind, `k${k}`))),
    `static void (*const kernels[])(F *, const i64 *) = {${kernels.map((_, k) => `k${k}`).join(', ')}};`,
    'void ergoflow_train(unsigned long long array, unsigned long long calls) {',
    'for (const i64 *p = (const i64 *)calls; *p >= 0; p += 2 + p[1]) kernels[*p]((F *)array, p + 2);',
    '}',
    '',
  ].join('\n');
}

/** A number's constant in every place of a register. */
function constant(value: number, precision: Precision): string {
  const suffix = precision === 'float32' ? 'f' : '';
  if (Number.isNaN(value)) return `B(__builtin_nan${suffix}(""))`;
  if (!Number.isFinite(value)) return `B(${value < 0 ? '-' : ''}__builtin_inf${suffix}())`;
  const text = Object.is(value, -0) ? '-0' : `${value}`;
  return `B(${/[.e]/.test(text) ? text : `${text}.0`}${suffix})`;
}

function printLoop(kernel: LoopKernel, name: string, precision: Precision): string {
  const { over, inputs, nodes, stores, sums } = kernel;
  const [row, column] = over === 'rows' ? ['(g * rows + r)', 'c'] : ['r', 'c'];
  const parameter = (slot: number, k: number): string => `p[${LOOP_HEAD + SLOT_SIZE * slot + k}]`;
  const names = new Map<Node, string>();
  for (const node of nodes)
    names.set(node, node.op === 'constant' ? constant(node.numbers[0], precision) : node.op === 'state' ? `x${node.name}` : `n${node.id}`);
  const nameOf = (node: Node): string => names.get(node) as string;
  /** Where an input's number, or the first of a register, lies. */
  const address = (k: number): string => {
    const slot = inputs[k];
    const start = slot.row === 'table' ? `p[${parameter(k, 1)} + ${row}]` : parameter(k, 0);
    const terms = [`m + ${start}`];
    if (slot.row === 'stride') terms.push(`${row} * ${parameter(k, 1)}`);
    if (slot.column) terms.push(`${column} * ${parameter(k, 2)}`);
    if (slot.vector || slot.segment) terms.push(`s * ${parameter(k, 3)}`);
    return terms.join(' + ');
  };
  const load = (k: number): string => (inputs[k].vector ? `const V x${k} = load(a${k} + j);` : `const V x${k} = B(*a${k});`);
  const pointer = (k: number): string => `const F *const a${k} = ${address(k)};`;
  const every = inputs.map((_, k) => k);
  const compute = nodes
    .filter(({ op }) => op !== 'state' && op !== 'constant')
    .map((node) => `const ${node.mask ? 'I' : 'V'} ${nameOf(node)} = ${vectorOperation(node, node.inputs.map(nameOf))};`);
  const storeAddress = (k: number): string => {
    const slot = inputs.length + k;
    return `m + ${parameter(slot, 0)} + ${row} * ${parameter(slot, 1)} + ${column} * ${parameter(slot, 2)} + s * ${parameter(slot, 3)}`;
  };
  const sumAddress = (k: number): string => {
    const slot = inputs.length + stores.length + k;
    const at = over === 'rows' ? 'g' : 'r';
    const columns = over === 'columns' ? '' : ` + c * ${parameter(slot, 2)}`;
    return `m + ${parameter(slot, 0)} + ${at} * ${parameter(slot, 1)}${columns} + s * ${parameter(slot, 3)}`;
  };
  const start = sums.map((_, k) => `V t${k} = {0};`);
  const loop = (index: string, count: string): string => `for (i64 ${index} = 0; ${index} < ${count}; ${index}++) {`;
  const head = [
    `ALONE void ${name}(F *restrict m, const i64 *restrict p) {`,
    'const i64 groups = p[0], rows = p[1], columns = p[2], segments = p[3], size = p[4];',
  ];
  if (over === 'vector') {
    return [
      ...head,
      loop('r', 'rows'),
      loop('c', 'columns'),
      loop('s', 'segments'),
      ...every.map(pointer),
      ...every.filter((k) => !inputs[k].vector).map(load),
      ...stores.map((_, k) => `F *const q${k} = ${storeAddress(k)};`),
      ...start,
      'for (i64 j = 0; j < size; j += W) {',
      ...every.filter((k) => inputs[k].vector).map(load),
      ...compute,
      ...stores.map((node, k) => `store(q${k} + j, ${nameOf(node)});`),
      ...sums.map((node, k) => `t${k} += j + W <= size ? ${nameOf(node)} : first(${nameOf(node)}, size - j);`),
      '}',
      ...sums.map((_, k) => `*(${sumAddress(k)}) = total(t${k});`),
      '} } }',
      '}',
    ].join('\n');
  }
  const moves = (k: number): boolean => (over === 'rows' ? inputs[k].row !== 'fixed' : inputs[k].column);
  return [
    ...head,
    ...(over === 'rows' ? [loop('g', 'groups'), loop('c', 'columns')] : [loop('r', 'rows')]),
    loop('s', 'segments'),
    ...every.filter((k) => !moves(k)).map(pointer),
    'for (i64 j = 0; j < size; j += W) {',
    ...every.filter((k) => !moves(k)).map(load),
    ...start,
    over === 'rows' ? loop('r', 'rows') : loop('c', 'columns'),
    ...every.filter(moves).flatMap((k) => [pointer(k), load(k)]),
    ...compute,
    ...stores.map((node, k) => `store(${storeAddress(k)} + j, ${nameOf(node)});`),
    ...sums.map((node, k) => `t${k} += ${nameOf(node)};`),
    '}',
    ...sums.map((_, k) => `store(${sumAddress(k)} + j, t${k});`),
    `} }${over === 'rows' ? ' } }' : ' }'}`,
    '}',
  ].join('\n');
}
