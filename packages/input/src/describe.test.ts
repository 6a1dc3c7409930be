import { expect, test } from 'vitest';
import { describe, listed, quoted } from './describe.ts';

test('a value is described as a person sees it', () => {
  const cases: readonly (readonly [unknown, string])[] = [
    [undefined, 'nothing'],
    [null, 'nothing'],
    ['ten', '"ten"'],
    ['', 'empty text'],
    [-0.5, '-0.5'],
    [Number.NaN, 'NaN'],
    [true, 'true'],
    [[], 'an empty list'],
    [[1, 2], 'a list of 2'],
    [{}, 'an empty mapping'],
    [{ a: 1 }, 'a mapping'],
    [1n, 'a bigint'],
    [() => 1, 'a function'],
  ];
  for (const [value, words] of cases) expect(describe(value)).toBe(words);
});

test('a person’s text is repeated on one line and in 60 characters', () => {
  expect(quoted('a\n"b"\u0000')).toBe('"a\\n\\"b\\"\\u0000"');
  expect(quoted('x'.repeat(60))).toBe(`"${'x'.repeat(60)}"`);
  expect(quoted('x'.repeat(61))).toBe(`"${'x'.repeat(59)}…"`);
});

test('names are listed up to 30, then counted', () => {
  expect(listed([])).toBe('');
  expect(listed(new Set(['a', 'b']))).toBe('a, b');
  const names = Array.from({ length: 31 }, (_, k) => `n${k}`);
  expect(listed(names.slice(0, 30))).toBe(names.slice(0, 30).join(', '));
  expect(listed(names)).toBe(`${names.slice(0, 30).join(', ')}, … (31 in all)`);
});
