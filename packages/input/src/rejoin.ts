/**
 * Commas within parentheses: in `{ prior: lognormal(0, 1) }` YAML ends the text at the comma and makes a key of `1)`; what was meant is one text.
 *
 * Only where plain text has an open parenthesis are the following items, keys without values, put back to it. A reader of plain YAML sees the file
 * otherwise, so files that others read should have quotes there.
 */
import { isScalar, type Node, type Pair, Scalar } from 'yaml';

/** Puts the items of a flow list `[…]` back together. */
export function rejoinItems(items: readonly Node[], source: string): Node[] {
  return regrouped(
    items,
    (item) => item,
    (item) => item,
    (_, whole) => whole,
    source,
  );
}

/** Puts the pairs of a flow mapping `{…}` back together. */
export function rejoinPairs<P extends Pair<unknown, unknown>>(pairs: readonly P[], source: string): P[] {
  return regrouped(
    pairs,
    (pair) => pair.value as Node | null,
    (pair) => (pair.value === null ? (pair.key as Node | null) : null),
    (pair, whole) => Object.assign(pair, { value: whole }),
    source,
  );
}

function regrouped<T>(
  items: readonly T[],
  head: (item: T) => Node | null,
  tail: (item: T) => Node | null,
  join: (item: T, whole: Node) => T,
  source: string,
): T[] {
  const made: T[] = [];
  for (let k = 0; k < items.length; k++) {
    const first = head(items[k]);
    const start = plainRange(first)?.[0];
    let end = plainRange(first)?.[1];
    let last = k;
    let depth = start === undefined || end === undefined ? 0 : openParentheses(source.slice(start, end));
    while (depth > 0 && last + 1 < items.length) {
      const range = plainRange(tail(items[last + 1]));
      if (range === null || end === undefined || !/^\s*,\s*$/.test(source.slice(end, range[0]))) break;
      depth += openParentheses(source.slice(range[0], range[1]));
      end = range[1];
      last += 1;
    }
    if (start === undefined || end === undefined || last === k || depth !== 0) {
      made.push(items[k]);
      continue;
    }
    const whole = new Scalar(source.slice(start, end).replace(/\s+/g, ' '));
    whole.type = Scalar.PLAIN;
    whole.range = [start, end, end];
    made.push(join(items[k], whole as Node));
    k = last;
  }
  return made;
}

function plainRange(node: Node | null): readonly [number, number] | null {
  if (node === null || !isScalar(node) || node.type !== Scalar.PLAIN || !node.range) return null;
  return [node.range[0], node.range[1]];
}

function openParentheses(text: string): number {
  let open = 0;
  for (const c of text) open += c === '(' ? 1 : c === ')' ? -1 : 0;
  return open;
}
