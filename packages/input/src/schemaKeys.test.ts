import { expect, test } from 'vitest';
import { z } from 'zod';
import { keysAt } from './schemaKeys.ts';

const inner = z.object({ x: z.number(), y: z.string() });
const schema = z.object({
  plain: inner,
  wrapped: inner.partial().optional().nullable().default(null),
  either: z.union([z.number(), inner, z.object({ z: z.number(), x: z.string() })]),
  both: z.intersection(inner, z.object({ w: z.number() })),
  piped: inner.transform((value) => value.x),
  list: z.array(inner),
  pair: z.tuple([z.number(), inner]),
  record: z.record(z.string(), inner),
  open: z.object({ a: z.number() }).catchall(inner),
});

test('the keys at a path are those of the mappings that may stand there', () => {
  expect(keysAt(schema, [])).toEqual(['plain', 'wrapped', 'either', 'both', 'piped', 'list', 'pair', 'record', 'open']);
  for (const path of [['plain'], ['wrapped'], ['piped'], ['list', 3], ['pair', 1], ['record', 'anything'], ['open', 'other']]) {
    expect(keysAt(schema, path)).toEqual(['x', 'y']);
  }
  expect(keysAt(schema, ['either'])).toEqual(['x', 'y', 'z']);
  expect(keysAt(schema, ['both'])).toEqual(['x', 'y', 'w']);
  expect(keysAt(schema, ['open'])).toEqual(['a']);
});

test('where no mapping may stand there are none, however odd the path', () => {
  for (const path of [
    ['plain', 'x'],
    ['pair', 0],
    ['pair', 9],
    ['pair', 'x'],
    ['list', 'x'],
    ['plain', 0],
    ['toString'],
    ['plain', 'constructor', 'x'],
  ]) {
    expect(keysAt(schema, path)).toEqual([]);
  }
});

test('a schema that contains itself comes to an end', () => {
  type Tree = { readonly next?: Tree | undefined };
  const tree: z.ZodType<Tree> = z.lazy(() => z.object({ next: tree.optional() }));
  expect(keysAt(tree, ['next', 'next', 'next'])).toEqual(['next']);
  const endless: z.ZodType = z.lazy(() => endless);
  expect(keysAt(endless, [])).toEqual([]);
});
