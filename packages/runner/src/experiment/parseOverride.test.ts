import { InputError } from '@ergoflow/input';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Grid, gridValues } from './grids.ts';
import { meaningOf } from './overrideValue.ts';
import { parseOverride } from './parseOverride.ts';

/** What hydra-core 1.3.8 makes of each: OverridesParser.create().parse_override(text), quoted strings as text, sweeps as {sweep: [...]}. */
const ACCEPTED: readonly (readonly [string, string, string, unknown])[] = [
  ['a=1', '=', 'a', 1],
  ['a=-20', '=', 'a', -20],
  ['a=+5', '=', 'a', 5],
  ['a=1_000_000', '=', 'a', 1000000],
  ['a=3.14', '=', 'a', 3.14],
  ['a=1e-3', '=', 'a', 0.001],
  ['a=1E5', '=', 'a', 100000],
  ['a=-10e3', '=', 'a', -10000],
  ['a=.5', '=', 'a', 0.5],
  ['a=1.', '=', 'a', 1],
  ['a=01', '=', 'a', '01'],
  ['a=10m', '=', 'a', '10m'],
  ['a=1e', '=', 'a', '1e'],
  ['a=inf', '=', 'a', Number.POSITIVE_INFINITY],
  ['a=-inf', '=', 'a', Number.NEGATIVE_INFINITY],
  ['a=nan', '=', 'a', Number.NaN],
  ['a=true', '=', 'a', true],
  ['a=TrUe', '=', 'a', true],
  ['a=false', '=', 'a', false],
  ['a=null', '=', 'a', null],
  ['a=NULL', '=', 'a', null],
  ['a=', '=', 'a', ''],
  ['a=foo', '=', 'a', 'foo'],
  ['a=foo_10', '=', 'a', 'foo_10'],
  ['a=foo-bar', '=', 'a', 'foo-bar'],
  ['a=foo.bar', '=', 'a', 'foo.bar'],
  ['a=hello world', '=', 'a', 'hello world'],
  ['a=   padded   ', '=', 'a', 'padded'],
  ['a=a:b', '=', 'a', 'a:b'],
  ['a=C:/x/y', '=', 'a', 'C:/x/y'],
  ['a=/root/x*', '=', 'a', '/root/x*'],
  ['a=50%', '=', 'a', '50%'],
  ['a=a@b', '=', 'a', 'a@b'],
  ['a=what?', '=', 'a', 'what?'],
  ['a="hello"', '=', 'a', 'hello'],
  ["a='hello there'", '=', 'a', 'hello there'],
  ["a='escaped \\'single\\''", '=', 'a', "escaped 'single'"],
  ['a="escaped \\"double\\""', '=', 'a', 'escaped "double"'],
  ['a="1"', '=', 'a', '1'],
  ["a='1,2,3'", '=', 'a', '1,2,3'],
  ['a="{a:10}"', '=', 'a', '{a:10}'],
  ['a="the path is C:\\\\\\"some folder\\"\\\\"', '=', 'a', 'the path is C:\\"some folder"\\'],
  ["a='x\\y'", '=', 'a', 'x\\y'],
  ["a='x\\\\y'", '=', 'a', 'x\\\\y'],
  ["a='x\\\\\\\\'", '=', 'a', 'x\\\\'],
  ['a="it\'s"', '=', 'a', "it's"],
  ['a=job\\{a\\=1\\,b\\=2\\}', '=', 'a', 'job{a=1,b=2}'],
  ['a=a\\ b', '=', 'a', 'a b'],
  ['a=\\\\', '=', 'a', '\\'],
  ['a=a\\,b', '=', 'a', 'a,b'],
  ['a=\\(x\\)', '=', 'a', '(x)'],
  ['a=\\[x\\]', '=', 'a', '[x]'],
  ['a=1,2,3', '=', 'a', { sweep: [1, 2, 3] }],
  ['a=1, 2', '=', 'a', { sweep: [1, 2] }],
  ['a=a,b', '=', 'a', { sweep: ['a', 'b'] }],
  ['a="a,b","c,d"', '=', 'a', { sweep: ['a,b', 'c,d'] }],
  ['a=[1,2]', '=', 'a', [1, 2]],
  ['a=[]', '=', 'a', []],
  ['a=[ 1 , 2 ]', '=', 'a', [1, 2]],
  ['a=[a,[b,[c]]]', '=', 'a', ['a', ['b', ['c']]]],
  [
    'a=[1,2],[3,4]',
    '=',
    'a',
    {
      sweep: [
        [1, 2],
        [3, 4],
      ],
    },
  ],
  ['a={}', '=', 'a', {}],
  ['a={a:10,b:20}', '=', 'a', { a: 10, b: 20 }],
  ['a={a: 10, b: {c: 30}}', '=', 'a', { a: 10, b: { c: 30 } }],
  ['a={a:10},{b:20}', '=', 'a', { sweep: [{ a: 10 }, { b: 20 }] }],
  ['a={foo-1: x}', '=', 'a', { 'foo-1': 'x' }],
  ['a=[{a:1},{b:[2]}]', '=', 'a', [{ a: 1 }, { b: [2] }]],
  ['a=choice(1,2,3)', '=', 'a', { sweep: [1, 2, 3] }],
  ['a=choice(a)', '=', 'a', { sweep: ['a'] }],
  ['a=choice([1,2],[3])', '=', 'a', { sweep: [[1, 2], [3]] }],
  ['a=range(3)', '=', 'a', { sweep: [0, 1, 2] }],
  ['a=range(1,4)', '=', 'a', { sweep: [1, 2, 3] }],
  ['a=range(0,10,3)', '=', 'a', { sweep: [0, 3, 6, 9] }],
  ['a=range(start=1,stop=4)', '=', 'a', { sweep: [1, 2, 3] }],
  ['a=range(1,stop=4)', '=', 'a', { sweep: [1, 2, 3] }],
  ['a=range(4,1,-1)', '=', 'a', { sweep: [4, 3, 2] }],
  ['a=range(0,1,0.25)', '=', 'a', { sweep: [0, 0.25, 0.5, 0.75] }],
  ['a=range( 0 , 3 )', '=', 'a', { sweep: [0, 1, 2] }],
  ['a=range (0,3)', '=', 'a', { sweep: [0, 1, 2] }],
  ['a=sort([3,1,2])', '=', 'a', [1, 2, 3]],
  ['a=int(3.9)', '=', 'a', 3],
  ['a=int(-3.9)', '=', 'a', -3],
  ['a=int("10")', '=', 'a', 10],
  ['a=float(10)', '=', 'a', 10],
  ['a=str(10)', '=', 'a', '10'],
  ['a=str([1,2])', '=', 'a', ['1', '2']],
  ['a=bool(1)', '=', 'a', true],
  ['a=bool("false")', '=', 'a', false],
  ['a=int(value=3.5)', '=', 'a', 3],
  ['a=int(range(1.0,4.0))', '=', 'a', { sweep: [1, 2, 3] }],
  ['a=float(choice(1,2))', '=', 'a', { sweep: [1, 2] }],
  ['a=str(choice(1,a))', '=', 'a', { sweep: ['1', 'a'] }],
  ['a=int(1.5,2.5)', '=', 'a', { sweep: [1, 2] }],
  ['a=int({a:1.5})', '=', 'a', { a: 1 }],
  ['+a=1', '+', 'a', 1],
  ['++a=1', '++', 'a', 1],
  ['~a', '~', 'a', undefined],
  ['~a=1', '~', 'a', 1],
  ['a.b.c=1', '=', 'a.b.c', 1],
  ['a.0.b=1', '=', 'a.0.b', 1],
  ['a-b=1', '=', 'a-b', 1],
  ['$a=1', '=', '$a', 1],
];

/** What hydra-core 1.3.8 rejects. */
const REJECTED: readonly string[] = [
  'a=choice()',
  'a=range(start=1,4)',
  'a=int(foo)',
  'a=bool(foo)',
  'a=[1,2',
  'a={a:1',
  'a={a}',
  'a=1,',
  'a=,1',
  'a=(1',
  'a=x)',
  'a=A[B',
  'a=a=b',
  'a="abc',
  "a='abc",
  "a='a' b",
  'a=range(1,2',
  'a=[1,,2]',
  '+a',
  'a',
  'a..b=1',
  '.a=1',
  'a b=1',
  'a=range(1,2,3,4)',
  'a=sort()',
];

/** Beyond Hydra: formulas without quotes. */
const FORMULAS: readonly (readonly [string, unknown])[] = [
  ['step=epsilon/20', 'epsilon/20'],
  ['step=min(epsilon/20, 0.01)', 'min(epsilon/20, 0.01)'],
  ['step=2*(epsilon + 1)^2', '2*(epsilon + 1)^2'],
  ['where=step<=epsilon/10', 'step<=epsilon/10'],
  ['where=step == 1 and not (epsilon != 2)', 'step == 1 and not (epsilon != 2)'],
  ['where=[step<=1, epsilon>0.5]', ['step<=1', 'epsilon>0.5']],
];

/** Arguments with the column of their error, counted by hand from 1, and a word of the message. */
const PLACED: readonly (readonly [string, number, string])[] = [
  ['epsilon', 8, 'key=value'],
  ['=1', 1, 'no key'],
  ['db/x=1', 3, 'config group'],
  ['db@pkg=1', 3, 'config groups'],
  ['a..b=1', 2, 'name is missing'],
  ['a b=1', 2, 'not allowed in a key'],
  ['a.constructor=1', 3, 'every object has'],
  ['a=[1,2', 3, 'not closed'],
  ['a=[1 2', 3, 'not closed'],
  ['a={b:1', 3, 'not closed'],
  ['a={b}', 5, 'colon'],
  ['a=range(0,', 11, 'value is needed'],
  ['a="abc', 3, 'not closed'],
  ['a=1,,2', 5, 'value is needed'],
  ["a='x' y", 7, 'comma or the end'],
  ['a=b=c', 4, 'second ='],
  ['a=$'.concat('{b}'), 3, 'interpolation'],
  ['a=interval(0,1)', 3, 'linspace'],
  ['a=1,glob(*)', 5, 'list the values'],
  ['a=tag(x,choice(1,2))', 3, 'write the sweep alone'],
  ['a=shuffle([1,2])', 3, 'differ from run to run'],
  ['a=choice()', 3, 'no values'],
  ['a=range(1,2,3,4)', 3, '4 arguments'],
  ['a=range(strat=1)', 15, 'no argument named'],
  ['a=geomspace(1,2)', 3, 'write geomspace(start, stop, num)'],
  ['a=int(foo)', 7, 'cast to int'],
  ['a={b:1,b:2}', 10, 'twice'],
  ['a={__proto__:1}', 4, 'every object has'],
];

function read(text: string): { operation: string; key: string; value: unknown } {
  const { operation, key, elements } = parseOverride(text);
  if (elements.length === 0) return { operation, key, value: undefined };
  const { kind, written } = meaningOf(elements);
  if (kind !== 'sweep') return { operation, key, value: written.value };
  const call = typeof written.value === 'string' ? /^(\w+)\((.*)\)$/.exec(written.value) : null;
  const sweep = call === null ? written.value : gridValues({ name: call[1] as Grid['name'], numbers: call[2].split(',').map(Number) });
  return { operation, key, value: { sweep } };
}

function errorOf(text: string): InputError {
  try {
    read(text);
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error(`${text} was accepted`);
}

describe('an override', () => {
  test.each(ACCEPTED)('%s reads as in Hydra', (text, operation, key, value) => {
    expect(read(text)).toEqual({ operation, key, value });
  });

  test.each(REJECTED)('%s is rejected as in Hydra', (text) => {
    expect(errorOf(text).place).toMatchObject({ file: 'command line', line: 1 });
  });

  test.each(FORMULAS)('%s needs no quotes', (text, value) => {
    expect(read(text).value).toEqual(value);
  });

  test.each(PLACED)('%s is refused at column %i', (text, column, message) => {
    const error = errorOf(text);
    expect(error.message).toContain(message);
    expect(error.place).toEqual({ file: 'command line', line: 1, column });
  });

  test('sort and shuffle of a sweep leave its values, whose order has no meaning', () => {
    for (const text of ['a=sort(3,1,2)', 'a=sort(choice(3,1,2),reverse=true)', 'a=shuffle(3,1,2)', 'a=choice(3,1,2)']) {
      expect(read(text).value).toEqual({ sweep: [3, 1, 2] });
    }
  });

  test('json_str gives text', () => {
    expect(read('a=json_str({b:[1,x]})').value).toBe('{"b":[1,"x"]}');
  });

  test('extend_list is told from a list', () => {
    expect(meaningOf(parseOverride('a=extend_list(1,x)').elements)).toMatchObject({ kind: 'extend', written: { value: [1, 'x'] } });
  });

  test('whatever the text, the only error is an InputError with a column inside it', () => {
    const pieces = fc.constantFrom(
      'a',
      '=',
      '1',
      ',',
      '(',
      ')',
      '[',
      ']',
      '{',
      '}',
      ':',
      '"',
      "'",
      '\\',
      ' ',
      '+',
      '~',
      '.',
      'range',
      'choice',
      '$',
      '@',
      '1e-3',
      '\n',
      'é',
    );
    const texts = fc.oneof(
      fc.string(),
      fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join('')),
      fc.array(pieces, { maxLength: 30 }).map((parts) => `a=${parts.join('')}`),
    );
    fc.assert(
      fc.property(texts, (text) => {
        try {
          read(text);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
          const column = (error as InputError).place?.column ?? 0;
          expect(column).toBeGreaterThan(0);
          expect(column).toBeLessThanOrEqual(text.length + 1);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('deep brackets and long texts end in a message, not in a stack overflow', () => {
    expect(errorOf(`a=${'['.repeat(5000)}`).message).toContain('nested too deeply');
    expect(errorOf(`a=${'range('.repeat(1000)}`).message).toContain('nested too deeply');
    expect(errorOf(`a=${'x'.repeat(20_000)}`).message).toContain('at most 10000');
  });
});
