/** A fused loop as a WebAssembly function of where its arguments stand. */
import type { Node } from '../../../graph.ts';
import type { WasmFunction } from '../../../targets/wasm/encode.ts';
import { vectorOperation } from '../../../targets/wasm/operations.ts';
import { LOOP_HEAD, type LoopKernel, SLOT_SIZE } from '../kernels.ts';
import { code, first, type Push, parameter, plus, type Registers, times, totals } from './code.ts';

const LIST: Push = [['local.get', 0]];

export function wasmLoop({ over, inputs, nodes, stores, sums }: LoopKernel, name: string, registers: Registers): WasmFunction {
  const c = code(1);
  const slot = (k: number, part: number): Push => parameter(LIST, LOOP_HEAD + SLOT_SIZE * k + part);
  const [groups, rows, columns, segments, size] = Array.from({ length: LOOP_HEAD }, (_, k) => c.keep('i32', parameter(LIST, k)));
  const zero = registers.constant(0);
  const indices = c.keep('v128', [['v128.const', registers.indices]]);
  let at: { group: Push; row: Push; column: Push; segment: Push } = { group: [], row: [], column: [], segment: [] };
  const addressOf = (k: number, row: Push | null, column: Push | null, hasSegment: boolean, start: Push = slot(k, 0)): Push =>
    plus(
      start,
      ...(row === null ? [] : [times(row, slot(k, 1))]),
      ...(column === null ? [] : [times(column, slot(k, 2))]),
      ...(hasSegment ? [times(at.segment, slot(k, 3))] : []),
    );
  const inputAddress = (k: number): Push => {
    const { row, column, vector, segment } = inputs[k];
    const table: Push = [...plus(LIST, slot(k, 1), times(at.row, [['i32.const', 4]])), ['i32.load', 0]];
    return addressOf(k, row === 'stride' ? at.row : null, column ? at.column : null, vector || segment, row === 'table' ? table : slot(k, 0));
  };
  const every = inputs.map((_, k) => k);
  const [pointers, values] = [new Map<number, Push>(), new Map<number, Push>()];
  const pointer = (k: number): unknown => pointers.set(k, c.keep('i32', inputAddress(k)));
  const load = (k: number, j: Push | null): void => {
    const from = pointers.get(k) as Push;
    values.set(k, c.keep('v128', inputs[k].vector && j !== null ? [...plus(from, j), ['v128.load', 0]] : [...from, [registers.splatLoad, 0]]));
  };
  const compute = (): ((node: Node) => Push) => {
    const made = new Map<Node, Push>();
    const of = (node: Node): Push => made.get(node) as Push;
    for (const node of nodes) {
      if (node.op === 'constant') made.set(node, [registers.constant(node.numbers[0])]);
      else if (node.op === 'state') made.set(node, values.get(Number(node.name)) as Push);
      else if (node.op === 'select') {
        const [condition, a, b] = node.inputs.map(of);
        made.set(node, c.keep('v128', [...a, ...b, ...condition, ['v128.bitselect']]));
      } else made.set(node, c.keep('v128', [...node.inputs.flatMap(of), ...vectorOperation(node, registers.lanes)]));
    }
    return of;
  };
  const storeAddress = (k: number): Push => addressOf(inputs.length + k, at.row, at.column, true);
  const sumAddress = (k: number): Push => {
    const own = inputs.length + stores.length + k;
    return addressOf(own, over === 'rows' ? at.group : at.row, over === 'columns' ? null : at.column, true);
  };
  const running = sums.map(() => c.local('v128'));
  const start = (): void => {
    for (const local of running) c.add(zero, ['local.set', local]);
  };
  const sum = (k: number, value: Push): void => c.add(['local.get', running[k]], ...value, [`${registers.lanes}.add`], ['local.set', running[k]]);

  if (over === 'vector') {
    c.loop(rows, 1, (row) =>
      c.loop(columns, 1, (column) =>
        c.loop(segments, 1, (segment) => {
          at = { group: [], row, column, segment };
          for (const k of every) pointer(k);
          for (const k of every) if (!inputs[k].vector) load(k, null);
          const targets = stores.map((_, k) => c.keep('i32', storeAddress(k)));
          start();
          c.loop(size, 16, (j) => {
            for (const k of every) if (inputs[k].vector) load(k, j);
            const of = compute();
            for (const [k, node] of stores.entries()) c.add(...plus(targets[k], j), ...of(node), ['v128.store', 0]);
            if (sums.length === 0) return;
            const left = c.keep('i32', [...size, ...j, ['i32.sub']]);
            c.add(['i32.const', 16], ...left, ['i32.le_s'], ['if']);
            for (const [k, node] of sums.entries()) sum(k, of(node));
            c.add(['else']);
            for (const [k, node] of sums.entries()) sum(k, first(of(node), left, registers, indices));
            c.add(['end']);
          });
          for (const k of sums.keys()) {
            const all = totals(
              c,
              Array.from({ length: registers.width }, () => [['local.get', running[k]]] as Push),
              registers,
            );
            c.add(...sumAddress(k), ...all, [`${registers.lanes}.extract_lane`, 0], [`${registers.scalar}.store`, 0]);
          }
        }),
      ),
    );
    return c.finish(name);
  }
  const moves = (k: number): boolean => (over === 'rows' ? inputs[k].row !== 'fixed' : inputs[k].column);
  const inner = (segment: Push): void => {
    at.segment = segment;
    for (const k of every) if (!moves(k)) pointer(k);
    c.loop(size, 16, (j) => {
      for (const k of every) if (!moves(k)) load(k, j);
      start();
      c.loop(over === 'rows' ? rows : columns, 1, (element) => {
        if (over === 'rows') at.row = c.keep('i32', plus(times(at.group, rows), element));
        else at.column = element;
        for (const k of every.filter(moves)) {
          pointer(k);
          load(k, j);
        }
        const of = compute();
        for (const [k, node] of stores.entries()) c.add(...plus(storeAddress(k), j), ...of(node), ['v128.store', 0]);
        for (const [k, node] of sums.entries()) sum(k, of(node));
      });
      for (const k of sums.keys()) c.add(...plus(sumAddress(k), j), ['local.get', running[k]], ['v128.store', 0]);
    });
  };
  if (over === 'rows') {
    c.loop(groups, 1, (group) =>
      c.loop(columns, 1, (column) => {
        at = { group, row: [], column, segment: [] };
        c.loop(segments, 1, inner);
      }),
    );
  } else {
    c.loop(rows, 1, (row) => {
      at = { group: [], row, column: [], segment: [] };
      c.loop(segments, 1, inner);
    });
  }
  return c.finish(name);
}
