import { expect, test } from 'vitest';
import { documentOf, LIMITS, valueAt, withoutValue, withValue } from './document.ts';
import { InputError } from './inputError.ts';
import { readYaml } from './readYaml.ts';

const line = { file: 'command line', line: 0, column: 0 };
const text = 'model:\n  parameters:\n    a: 2\n    c: { value: 1 }\nlist: [10, 20, 30]\n';

function complaint(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof InputError) return error.format();
    throw error;
  }
  return 'no complaint';
}

test('a replaced value is new in the copy, at its own place, and old in the original', () => {
  const before = readYaml(text, 'f.yaml');
  const after = withValue(before, ['model', 'parameters', 'a'], 3, line);
  expect(valueAt(after.value, ['model', 'parameters', 'a'])).toBe(3);
  expect(after.placeOf(['model', 'parameters', 'a'])).toEqual(line);
  expect(after.placeOf(['model', 'parameters', 'c'], 'key')).toEqual({ file: 'f.yaml', line: 4, column: 5 });
  expect(valueAt(before.value, ['model', 'parameters', 'a'])).toBe(2);
  expect(Object.keys(valueAt(after.value, ['model', 'parameters']) as object)).toEqual(['a', 'c']);
});

test('missing mappings are made on the way, also in an empty document', () => {
  expect(withValue(readYaml('', 'f.yaml'), ['set', 'horizon'], 2, line).value).toEqual({ set: { horizon: 2 } });
  const added = withValue(readYaml(text, 'f.yaml'), ['set', 'keep'], ['x'], line);
  expect(added.placeOf(['set', 'keep', 0])).toEqual(line);
  expect(added.placeOf(['set'], 'key')).toEqual(line);
});

test('items of lists are replaced and appended, never beyond the end', () => {
  const document = readYaml(text, 'f.yaml');
  expect(valueAt(withValue(document, ['list', 1], 21, line).value, ['list'])).toEqual([10, 21, 30]);
  expect(valueAt(withValue(document, ['list', 3], 40, line).value, ['list'])).toEqual([10, 20, 30, 40]);
  expect(complaint(() => withValue(document, ['list', 5], 1, line))).toBe('command line: list is a list of 3, and has no place for "5"');
});

test('a value is removed from mapping and list, and places move with the items', () => {
  const document = readYaml(text, 'f.yaml');
  expect(valueAt(withoutValue(document, ['model', 'parameters', 'a'], line).value, ['model', 'parameters'])).toEqual({ c: { value: 1 } });
  const shorter = withoutValue(document, ['list', 0], line);
  expect(valueAt(shorter.value, ['list'])).toEqual([20, 30]);
  expect(shorter.placeOf(['list', 0])).toEqual({ file: 'f.yaml', line: 5, column: 12 });
  expect(complaint(() => withoutValue(document, ['model', 'b'], line))).toBe('command line: nothing to remove at model.b');
  expect(complaint(() => withoutValue(document, [], line))).toBe('command line: nothing to remove at the document');
});

test('a path through text, and names that every object has, are refused', () => {
  const document = readYaml('model: double-well', 'f.yaml');
  expect(complaint(() => withValue(document, ['model', 'parameters', 'a'], 1, line))).toBe(
    'command line: model is "double-well", so model.parameters.a cannot be set',
  );
  expect(complaint(() => withValue(document, ['__proto__', 'x'], 1, line))).toContain('key "__proto__" is not allowed');
  expect(complaint(() => withValue(document, ['x'], { toString: 1 }, line))).toContain('key "toString" in the document is not allowed');
  expect(complaint(() => withValue(document, Array(100).fill('a') as string[], 1, line))).toContain('nested too deeply');
});

test('plain data of a program is copied, undefined properties left out', () => {
  const given = { a: [1, { b: Number.NaN }], c: undefined };
  const document = documentOf(given);
  given.a.push(2);
  expect(document.value).toEqual({ a: [1, { b: Number.NaN }] });
  expect(document.placeOf(['a', 1, 'b'])).toEqual({ file: '(object)', line: 0, column: 0 });
});

test('what a file could not hold is refused: functions, class instances, cycles, masses', () => {
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  expect(complaint(() => documentOf({ a: () => 1 }))).toBe(
    '(object): a is a function: allowed are null, true, false, numbers, text, lists and mappings',
  );
  expect(complaint(() => documentOf({ a: new Date(0) }))).toBe('(object): a is an instance of a class: allowed are plain objects');
  expect(complaint(() => documentOf({ a: 1n }))).toContain('a is a bigint');
  expect(complaint(() => documentOf(cycle))).toContain('nested too deeply, or contains itself');
  expect(complaint(() => documentOf(Array(LIMITS.values + 1).fill(0)))).toContain('too large');
  expect(complaint(() => documentOf(JSON.parse('{"__proto__": 1}')))).toContain('key "__proto__" in the document is not allowed');
});
