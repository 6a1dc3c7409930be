import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { check } from './check.ts';
import { documentOf } from './document.ts';
import { InputError } from './inputError.ts';
import type { Path } from './place.ts';
import { readYaml } from './readYaml.ts';

const variable = z.strictObject({
  drift: z.union([z.string(), z.number()]),
  noise: z.number().min(0).optional(),
  size: z.int().min(1).max(100).optional(),
});
const schema = z.strictObject({
  name: z.string().min(1),
  slow: z.record(z.string().regex(/^[a-z]+$/, 'must be lower-case letters'), z.union([z.string(), variable])),
  scheme: z.enum(['euler-maruyama', 'milstein']).optional(),
  list: z.array(z.number()).min(1).optional(),
  pair: z.tuple([z.number(), z.strictObject({ low: z.number() })]).optional(),
  odd: z
    .number()
    .refine((x) => x % 2 === 1, 'must be odd')
    .optional(),
  nested: z.lazy(() => variable).optional(),
});

function complaint(text: string, path: Path = []): string {
  try {
    if (path.length === 0) check(schema, readYaml(text, 'f.yaml'));
    else check(variable, readYaml(text, 'f.yaml'), path);
  } catch (error) {
    if (error instanceof InputError) return error.format();
    throw error;
  }
  return 'no complaint';
}

describe('check', () => {
  test('data that fit come back typed, at a path too', () => {
    expect(check(schema, documentOf({ name: 'm', slow: { x: { drift: '-x' } } })).name).toBe('m');
    expect(check(variable, readYaml('model: { drift: 1 }', 'f.yaml'), ['model'])).toEqual({ drift: 1 });
  });

  test.each([
    ['name: m\nslow:\n  x: { drfit: -x }', 'f.yaml:3:8: unknown key "drfit" in slow.x: allowed are drift, noise, size; did you mean drift?'],
    [
      'name: m\nslow: { x: -x }\nschem: milstein',
      'f.yaml:3:1: unknown key "schem" in the document: allowed are name, slow, scheme, list, pair, odd, nested; did you mean scheme?',
    ],
    ['slow: { x: -x }', 'f.yaml:1:1: the document has no "name", which is needed: it must be text'],
    ['name: m\nslow:\n  x: { noise: 1 }', 'f.yaml:3:3: slow.x has no "drift", which is needed: it must be text or a finite number'],
    ['name: m\nslow: { x: [1] }', 'f.yaml:2:12: slow.x must be text or a mapping, got a list of 1'],
    ['name: m\nslow: { x: { drift: [] } }', 'f.yaml:2:21: slow.x.drift must be text or a finite number, got an empty list'],
    ['name: m\nslow: { x: { drift: 1, noise: -1 } }', 'f.yaml:2:31: slow.x.noise must be at least 0, got -1'],
    ['name: m\nslow: { x: { drift: 1, noise: .nan } }', 'f.yaml:2:31: slow.x.noise must be a finite number, got NaN'],
    ['name: m\nslow: { x: { drift: 1, noise: .inf } }', 'f.yaml:2:31: slow.x.noise must be a finite number, got Infinity'],
    ['name: m\nslow: { x: { drift: 1, size: 1.5 } }', 'f.yaml:2:30: slow.x.size must be a whole number, got 1.5'],
    ['name: m\nslow: { x: { drift: 1, size: 101 } }', 'f.yaml:2:30: slow.x.size must be at most 100, got 101'],
    ['name: m\nslow: { X: -x }', 'f.yaml:2:9: key "X" in slow must be lower-case letters'],
    ['name: m\nslow: { x: 1 }\nscheme: milsten', 'f.yaml:2:12: slow.x must be text or a mapping, got 1'],
    [
      'name: m\nslow: { x: "1" }\nscheme: milsten',
      'f.yaml:3:9: scheme must be one of euler-maruyama, milstein, got "milsten"; did you mean milstein?',
    ],
    ['name: m\nslow: {}\nlist: []', 'f.yaml:3:7: list must be a list of length at least 1, got an empty list'],
    ['name: m\nslow: {}\nlist: [1, x, y]', 'f.yaml:3:11: list[2] must be a finite number, got "x"'],
    ['name: m\nslow: {}\npair: [1, {hi: 2}]', 'f.yaml:3:12: unknown key "hi" in pair[2]: allowed are low'],
    ['name: m\nslow: {}\nodd: 2', 'f.yaml:3:6: odd must be odd'],
    ['name: m\nslow: {}\nnested: {nose: 2}', 'f.yaml:3:10: unknown key "nose" in nested: allowed are drift, noise, size; did you mean noise?'],
    ['name:\nslow: {}', 'f.yaml:1:6: name must be text, got nothing'],
    ['name: ""\nslow: {}', 'f.yaml:1:7: name must be text of length at least 1, got empty text'],
    ['just text', 'f.yaml:1:1: the document must be a mapping, got "just text"'],
    ['', 'f.yaml:1:1: the document must be a mapping, got nothing'],
  ])('%j is told with its place', (text, expected) => {
    expect(complaint(text)).toBe(expected);
  });

  test('places and names count from the path of the part', () => {
    expect(complaint('model: { drift: 1, nose: 2 }', ['model'])).toBe(
      'f.yaml:1:20: unknown key "nose" in model: allowed are drift, noise, size; did you mean noise?',
    );
    expect(complaint('other: 1', ['model'])).toContain('has no "model", which is needed: it must be a mapping');
  });

  test('text of a megabyte, and text of several lines, make a short message of one line', () => {
    const message = complaint(`name: m\nslow: {}\nscheme: "${'x'.repeat(100_000)}\\n"`);
    expect(message.length).toBeLessThan(200);
    expect(message).not.toContain('\n');
  });
});
