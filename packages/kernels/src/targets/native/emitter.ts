/** How C says what a plan needs: names, loads, loops; statements about lanes are written once, with marks for their copies. */
import type { Node } from '../../graph.ts';
import { type Emitter, fixed, type Index } from '../emit.ts';
import type { Place, Plan } from '../plan.ts';
import { number, scalarOperation, vectorOperation } from './operations.ts';

/** Writes statements with `@` (a copy's suffix) and `#` (its number) once for each copy. */
export function replicate(lines: readonly string[], copies: number): string[] {
  return lines.flatMap((line) =>
    line.includes('@') || line.includes('#')
      ? Array.from({ length: copies }, (_, k) => line.replaceAll('@', `_${k}`).replaceAll('#', `${k}`))
      : [line],
  );
}

/** An emitter that is told when its statements are about lanes. */
export interface CEmitter extends Emitter<string> {
  intoLanes(): void;
  outOfLanes(): void;
}

/** Writes C: `n` a value, `e` an element inside a loop, `s` a state, `u` a uniform, `t` a running sum; vectors in capitals. */
export function cEmitter(plan: Plan, head: string[], lines: string[], single: boolean): CEmitter {
  let inLanes = false;
  const isLane = (node: Node): boolean => node.scope === 'lane';
  /** A shared value, as lanes need it. */
  const spread = (text: string, mask: boolean): string => (!inLanes || single ? text : mask ? `((I){} - (i64)(${text}))` : `B(${text})`);
  const typeOf = (mask: boolean, lane: boolean): string => (lane ? (mask ? 'M' : 'V') : mask ? 'int' : 'double');
  const tables = new Map<string, string>();

  function position(index: Index): string {
    if (index.kind === 'group') return 'group';
    if (index.kind === 'table') {
      const text = index.values.join(', ');
      const name = tables.get(text) ?? `I${tables.size}`;
      if (!tables.has(text)) head.push(`static const unsigned ${name}[] = {${text}};`);
      tables.set(text, name);
      return `${name}[j]`;
    }
    if (index.scale === 0) return `${index.offset}`;
    const scaled = index.scale === 1 ? 'j' : `${index.scale} * j`;
    return index.offset === 0 ? scaled : `(${scaled} + ${index.offset})`;
  }

  /** Normals are kept as float32. */
  const normal = (k: number, at: string): string => (single ? `(double)Z${k}[${at}]` : `vWide(Z${k} + ((${at}) * U + #) * W)`);

  function at({ kind, index: k, width, perLane }: Place, index: Index): string {
    const j = position(index);
    const element = perLane ? `${j} * U + #` : j;
    switch (kind) {
      case 'constant':
        return `C${k}[${element}]`;
      case 'uniform':
        return `u${k}[${element}]`;
      case 'state':
        return `S${k}[${element}]`;
      case 'normal':
        return normal(k, `t * ${width} + ${j}`);
      case 'array':
        return `A${k}[${element}]`;
    }
  }

  function scalar(node: Node): string {
    switch (node.op) {
      case 'constant':
        return spread(number(node.numbers[0]), false);
      case 'uniform':
        return spread(`u${plan.indexOf(node)}`, false);
      case 'state':
        return `s${plan.indexOf(node)}@`;
      case 'normal':
        return normal(plan.indexOf(node), 't');
      case 'step':
        return spread('step', false);
      default:
        return isLane(node) ? `n${node.id}@` : spread(`n${node.id}`, node.mask);
    }
  }

  function define(prefix: string, node: Node, text: string, lane: boolean): string {
    const name = `${prefix}${node.id}${lane ? '@' : ''}`;
    lines.push(`const ${typeOf(node.mask, lane)} ${name} = ${text};`);
    return lane ? name : spread(name, node.mask);
  }

  return {
    intoLanes: () => {
      inLanes = true;
    },
    outOfLanes: () => {
      inLanes = false;
    },
    scalar,
    keep: (node, value) => lines.push(`const ${typeOf(node.mask, isLane(node))} n${node.id}${isLane(node) ? '@' : ''} = ${value};`),
    load: (node, place, index) => define('e', node, at(place, index), place.perLane),
    store: (_, place, index, value) => lines.push(`${at(place, index)} = ${value};`),
    copy: (place, from, to) => lines.push(`${at(place, fixed(to))} = ${at(place, fixed(from))};`),
    apply: (node, inputs) => define('e', node, inLanes && !single ? vectorOperation(node, inputs) : scalarOperation(node, inputs), inLanes),
    lookup: (node, table, index) => {
      const place = plan.place(table);
      if (table.width === 1 || place === undefined) return scalar(table);
      const start = `&${at(place, fixed(0))}`;
      return define('e', node, `${inLanes && !single ? 'vLookup' : 'lookup'}(${start}, ${table.width - 1}, ${index})`, inLanes);
    },
    loop: (width, groups, sums, body, finish) => {
      const size = width / groups;
      const start = sums.map((sum) => `${typeOf(false, inLanes)} t${sum.id}${inLanes ? '@' : ''} = ${spread('-0.0', false)};`);
      if (groups === 1) lines.push(...start, `for (i64 j = 0; j < ${width}; j++) {`);
      else
        lines.push(`for (i64 group = 0; group < ${groups}; group++) {`, ...start, `for (i64 j = group * ${size}; j < (group + 1) * ${size}; j++) {`);
      body();
      lines.push('}');
      finish();
      if (groups > 1) lines.push('}');
    },
    add: (sum, value) => lines.push(`t${sum.id}${inLanes ? '@' : ''} += ${value};`),
    total: (sum) => `t${sum.id}${inLanes ? '@' : ''}`,
  };
}
