import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from './inputError.ts';
import type { Path } from './place.ts';
import { readYaml } from './readYaml.ts';

/** The one line that a person would see. */
function complaint(text: string): string {
  try {
    readYaml(text, 'f.yaml');
  } catch (error) {
    if (error instanceof InputError) return error.format();
    throw error;
  }
  return 'no complaint';
}

/** Reads [line, column] of a part. */
function at(text: string, path: Path, part: 'key' | 'value' = 'value'): [number, number] {
  const { line, column } = readYaml(text, 'f.yaml').placeOf(path, part);
  return [line, column];
}

function inside(text: string, path: Path, offset: number): [number, number] {
  const { line, column } = readYaml(text, 'f.yaml').placeIn(path, offset);
  return [line, column];
}

describe('data', () => {
  test('mappings, lists, text, numbers, truth values and null are read by the core schema of YAML 1.2', () => {
    const text = 'a: [1, -2.5, 1e-3, 0x1F, 0o17, .inf, true, null, ~]\nb: {c: yes, d: "2", e: 007}\nf: |\n  one\n  two\ng: >\n  one\n  two\nh:\n';
    expect(readYaml(text, 'f.yaml').value).toEqual({
      a: [1, -2.5, 0.001, 31, 15, Number.POSITIVE_INFINITY, true, null, null],
      b: { c: 'yes', d: '2', e: 7 },
      f: 'one\ntwo\n',
      g: 'one two\n',
      h: null,
    });
  });

  test('an empty document, one of comments alone and one of a byte order mark alone are null', () => {
    for (const text of ['', '# nothing\n', '\ufeff', '---\n', '\n\n']) expect(readYaml(text, 'f.yaml').value).toBeNull();
  });

  test('objects have no members but those that were written', () => {
    const { value } = readYaml('a: 1', 'f.yaml');
    expect('constructor' in (value as object)).toBe(false);
    expect('toString' in (value as object)).toBe(false);
  });

  test('a comma in parentheses belongs to the text around it, in mappings and in lists', () => {
    const text = 'c: { prior: lognormal(0, 1), learn: true }\ny: { drift: if(x > 0, max(1, 2), 3), z: 1 }\nl: [choice(1,\n  2), 3, f(1, 2]\n';
    expect(readYaml(text, 'f.yaml').value).toEqual({
      c: { prior: 'lognormal(0, 1)', learn: true },
      y: { drift: 'if(x > 0, max(1, 2), 3)', z: 1 },
      l: ['choice(1, 2)', 3, 'f(1', 2],
    });
    expect(inside(text, ['c', 'prior'], 'lognormal(0, '.length)).toEqual([1, 26]);
    expect(inside(text, ['l', 0], 'choice(1, '.length)).toEqual([4, 3]);
  });

  test('an alias is a copy of its anchor, and a redefined anchor counts from there on', () => {
    expect(readYaml('a: &x {k: &y 1}\nb: &y 2\nc: *x\nd: *y\n', 'f.yaml').value).toEqual({ a: { k: 1 }, b: 2, c: { k: 1 }, d: 2 });
  });
});

describe('places', () => {
  test('keys and values have line and column, a missing part its nearest ancestor key', () => {
    const text = 'slow:\n  x: { drift: -x, noise: 1 }\nlist: [a, [b, c]]\n';
    expect(at(text, ['slow', 'x', 'noise'], 'key')).toEqual([2, 19]);
    expect(at(text, ['slow', 'x', 'noise'])).toEqual([2, 26]);
    expect(at(text, ['list', 1, 0])).toEqual([3, 12]);
    expect(at(text, ['slow', 'x', 'start'])).toEqual([2, 3]);
    expect(at(text, ['nothing'])).toEqual([1, 1]);
  });

  test('line ends of Windows and a byte order mark do not move places', () => {
    expect(at('\ufeffa: 1\r\nb:\r\n  c: 2\r\n', ['b', 'c'])).toEqual([3, 6]);
    expect(at('\ufeffa: 1', ['a'], 'key')).toEqual([1, 1]);
  });

  test('characters are found in plain, quoted and block text', () => {
    expect(inside('a: x + y5', ['a'], 4)).toEqual([1, 8]);
    expect(inside('a: "x + y5"', ['a'], 4)).toEqual([1, 9]);
    expect(inside("a: 'x + y5'", ['a'], 4)).toEqual([1, 9]);
    expect(inside('a: |\n  x\n    + y5\n', ['a'], 'x\n  + '.length)).toEqual([3, 7]);
    expect(inside('a: >\n  x\n  + y5\n', ['a'], 4)).toEqual([3, 5]);
    expect(inside('a: >2-\n\n    x\n  + y5\n', ['a'], 3)).toEqual([3, 5]);
    expect(inside('a: x\n  + y5\n', ['a'], 4)).toEqual([2, 5]);
    expect(inside('a: "x\n  + y5"\n', ['a'], 4)).toEqual([2, 5]);
    expect(inside('a: |\r\n  x +\r\n  y5\r\n', ['a'], 4)).toEqual([3, 3]);
    expect(inside('a: x +', ['a'], 3)).toEqual([1, 7]);
  });

  test('after an escape the place is the beginning of the text, before it the character', () => {
    expect(inside('a: "x\\x20+ y"', ['a'], 4)).toEqual([1, 4]);
    expect(inside('a: "xy\\x20+ y"', ['a'], 1)).toEqual([1, 6]);
    expect(inside("a: 'it''s y'", ['a'], 5)).toEqual([1, 4]);
  });

  test('every character of literal text is where it was written', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z+*( ]{0,8}[a-z]$/), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 6 }),
        (lines, indent) => {
          fc.pre(!lines[0].startsWith(' '));
          const text = `k: |\n${lines.map((line) => ' '.repeat(indent) + line).join('\n')}\n`;
          let offset = 0;
          for (const [k, line] of lines.entries()) {
            for (let c = 0; c < line.length; c++) {
              if (line[c] !== ' ') expect(inside(text, ['k'], offset + c)).toEqual([k + 2, indent + c + 1]);
            }
            offset += line.length + 1;
          }
        },
      ),
      { seed: 3, numRuns: 100 },
    );
  });
});

describe('refusals', () => {
  test.each([
    ['a:\n\tb: 1', 'f.yaml:2:1: a tab indents the line: use spaces'],
    ['a: {\n  \tb: 1}', 'f.yaml:2:3: a tab indents the line: use spaces'],
    ['a: 1\nb: 2\na: 3', 'f.yaml:3:1: key "a" is given twice in the document, first in line 1: each key is allowed once'],
    ['s: {a: 1, a: 1}', 'f.yaml:1:11: key "a" is given twice in s, first in line 1: each key is allowed once'],
    ['a: 1\n---\nb: 2\n', 'f.yaml:2:1: a second document begins: one is allowed in a file'],
    ['1: a', 'f.yaml:1:1: a key in the document is 1: keys must be text (put it in quotes if it is meant as a name)'],
    ['a:\n  ? [x]\n  : 1', 'f.yaml:2:5: a key in a is a list, a mapping or an alias: keys must be text (put it in quotes if it is meant as a name)'],
    ['a:\n  constructor: 1', 'f.yaml:2:3: key "constructor" in a is not allowed: it is a name that every object has'],
    ['__proto__: {x: 1}', 'f.yaml:1:1: key "__proto__" in the document is not allowed: it is a name that every object has'],
    ['a: 12345678901234567890', 'f.yaml:1:4: whole number "12345678901234567890" is too large to be held exactly: at most 2^53 - 1 is allowed'],
    ['a: -1e999', 'f.yaml:1:4: number "-1e999" is too large: at most 1.797e308 is allowed'],
    ['a: *x', 'f.yaml:1:4: alias "*x" is unknown: an expression that begins with * must be in quotes'],
    ['a: &x [*x]', 'f.yaml:1:8: alias "*x" is unknown: an expression that begins with * must be in quotes'],
    ['a: !!binary aGk=', 'f.yaml:1:13: a has a tag that makes it something else than text, a number or the like: leave the tag out'],
    ['a: !foo x', 'f.yaml:1:4: a tag (!…) is not known: leave it out, or put text that begins with ! in quotes'],
    ['a: "x\u0000"', 'f.yaml:1:6: character U+0000 is found: control characters are not allowed in text'],
    ['a: b: c', 'f.yaml:1:4: a key follows a value: correct the indentation, or put text with ": " in quotes'],
    ['a: "x', `f.yaml:1:6: a quote (" or ') is not closed`],
    ['a: |\n x\ny', 'f.yaml:3:1: this is neither "key: value" nor'],
    ['a: [1, 2\nb: 3', 'f.yaml:2:1: a { or [ is not closed before the line that follows it'],
    ['y: { drift: if(x > 0, 1, 2 }', 'f.yaml:1:23: a key in y is 1: keys must be text (inside { } an expression with a comma must be in quotes)'],
    ['y: { drift: -y[i] }', 'f.yaml:1:15: this does not belong here: inside { } and [ ] an expression with , [ ] { } or : must be in quotes'],
    ['a: 1\n b: 2', 'f.yaml:1:4: a key follows a value: correct the indentation'],
    ['a:\n  b: 1\n c: 2', 'f.yaml:3:1: the indentation does not fit'],
    ['a: @x', 'f.yaml:1:4: text begins with a character that means something else in YAML: put it in quotes'],
    ['%YAML 9\na', 'f.yaml:'],
    ['a: "\\q"', 'f.yaml:1:5: a \\ in double quotes begins no known escape: use single quotes'],
  ])('%j is refused with its place', (text, expected) => {
    expect(complaint(text).slice(0, expected.length)).toBe(expected);
  });

  test('text above 1 MB is refused by its size', () => {
    expect(complaint(`# ${'x'.repeat(10_000_000)}`)).toBe('f.yaml: the file has 10.0 MB: at most 1 MB is allowed');
    expect(complaint(`a: ${'é'.repeat(500_001)}`)).toBe('f.yaml: the file has 1.1 MB: at most 1 MB is allowed');
    expect(complaint(`# ${'x'.repeat(999_000)}`)).toBe('no complaint');
  });

  test('64 levels are allowed, more are refused, and 400 000 do not exhaust the stack', () => {
    expect(complaint('['.repeat(64) + ']'.repeat(64))).toBe('no complaint');
    expect(complaint('['.repeat(66) + ']'.repeat(66))).toContain('nested too deeply: at most 64 levels are allowed');
    for (const piece of ['[', '{a: ', '- ', '? ', '{a', '&a [', '! [']) {
      expect(complaint(piece.repeat(Math.floor(900_000 / piece.length)))).toMatch(/^f\.yaml:\d+:\d+: /);
    }
  });

  test('bombs of aliases are refused: by their number, and by the depth that they reach', () => {
    const laughs = Array.from(
      { length: 9 },
      (_, k) =>
        `a${k}: &a${k} [${
          k === 0
            ? 'lol'
            : Array(9)
                .fill(`*a${k - 1}`)
                .join()
        }]`,
    ).join('\n');
    expect(complaint(laughs)).toContain('aliases (*name) expand more than 100 times, which is not allowed');
    const tower = Array.from({ length: 90 }, (_, k) => `a${k}: &a${k} [${k === 0 ? 'x' : `*a${k - 1}`}]`).join('\n');
    expect(complaint(tower)).toMatch(/aliases|nested too deeply/);
    expect(complaint(`a: &a x\nb: [${Array(100).fill('*a').join()}]`)).toBe('no complaint');
    expect(complaint(`a: &a x\nb: [${Array(101).fill('*a').join()}]`)).toContain('aliases');
    const wide = `a: &a [${Array(10_000).fill('1').join()}]\nb: [${Array(30).fill('*a').join()}]`;
    expect(complaint(wide)).toContain('too many values');
  });

  test('a megabyte of anything is read or refused within a second or two, and 5000 keys are read', () => {
    const pieces = ['"', ': ', 'a: ', '- a\n', '[1,', ',', '&a ', '*a ', '!a ', '|\n', '---\n', '?\n', '{},', '\n', '\r\n', 'a\n  b\n', '# x\n'];
    for (const piece of pieces) {
      for (const before of ['', '[', 'a: ']) {
        const began = performance.now();
        complaint(before + piece.repeat(Math.floor(900_000 / piece.length)));
        // Alone it takes half a second at most; the rest is for a busy machine.
        expect(performance.now() - began, `${before}${piece}`).toBeLessThan(4000);
      }
    }
    const keys = Array.from({ length: 5000 }, (_, k) => `k${k}: 1`).join('\n');
    expect(Object.keys(readYaml(keys, 'f.yaml').value as object)).toHaveLength(5000);
    expect(complaint(`[${'1,'.repeat(400_000)}]`)).toContain('too many parts');
  }, 60_000);

  test('random text gives data or an InputError of one line with a place inside the text', () => {
    const yamlish = fc.array(
      fc.constantFrom(
        'a',
        'b1',
        ': ',
        ':',
        '- ',
        '\n',
        '\n  ',
        ' ',
        '[',
        ']',
        '{',
        '}',
        ',',
        '"',
        "'",
        '|',
        '>',
        '&a ',
        '*a',
        '!t ',
        '#',
        '%',
        '---\n',
        '...\n',
        '?',
        '\t',
        '\r\n',
        '1',
        '.nan',
        '\\',
        '\ufeff',
        '<<',
        '@',
        '`',
        '~',
      ),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary', maxLength: 60 }),
          fc.string({ maxLength: 60 }),
          yamlish.map((parts) => parts.join('')),
        ),
        (text) => {
          try {
            const { value, placeOf } = readYaml(text, 'f.yaml');
            JSON.stringify(value);
            expect(placeOf([]).line).toBeGreaterThan(0);
          } catch (error) {
            expect(error).toBeInstanceOf(InputError);
            const { message, place } = error as InputError;
            expect(message).not.toMatch(/[\n\r]/);
            expect(message.length).toBeLessThan(400);
            const lines = text.replace(/^\ufeff/, '').split('\n');
            expect(place?.line).toBeGreaterThan(0);
            expect(place?.line).toBeLessThanOrEqual(lines.length);
            expect(place?.column).toBeLessThanOrEqual((lines[(place?.line ?? 1) - 1] as string).length + 2);
          }
        },
      ),
      { seed: 20261124, numRuns: 4000 },
    );
  });
});
