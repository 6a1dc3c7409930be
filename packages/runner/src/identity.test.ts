import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CodeIdentity, canonicalJson, workIds } from './identity.ts';
import type { Json, Work } from './work.ts';

const CODE = { study: 's', version: 1, code: 'c' };

const workId = (of: Work, identity: CodeIdentity): string => workIds(identity)(of);

function work(changes: Partial<Work> = {}): Work {
  return {
    kind: 'paths',
    parameters: { epsilon: 0.1, model: { a: [1, 2], b: null } },
    replicates: 8,
    blockSize: 4,
    costPerReplicate: 1,
    needs: [],
    ...changes,
  };
}

/** The same data with the keys of every mapping the other way round. */
function turned(value: Json): Json {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, part]) => [key, turned(part)]),
  );
}

describe('canonical JSON', () => {
  test('is the published example of RFC 8785, §3.2.2 to §3.2.4', () => {
    const input = {
      numbers: [333333333.33333329, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '€$\u000f\nA\'B"\\\\"/',
      literals: [null, true, false],
    };
    expect(canonicalJson(input)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  test('has its keys in order of UTF-16 units, numbers in one spelling, one zero', () => {
    expect(canonicalJson({ b: 1, a: 2, '\ufb33': 3, '\u{1f602}': 4, '1': 5, A: 6 })).toBe('{"1":5,"A":6,"a":2,"b":1,"\u{1f602}":4,"\ufb33":3}');
    expect(canonicalJson([1.0, 1, 100e-2, -0, 1e21, 5e-324])).toBe('[1,1,1,0,1e+21,5e-324]');
  });

  test('reads back as the data, whatever the order of keys', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const data = JSON.parse(JSON.stringify(value)) as Json;
        expect(canonicalJson(turned(data))).toBe(canonicalJson(data));
        expect(JSON.parse(canonicalJson(data))).toEqual(data);
      }),
    );
  });

  test.each([
    [[Number.NaN], 'the number NaN'],
    [{ a: Number.NEGATIVE_INFINITY }, 'the number -Infinity'],
    [{ a: undefined }, 'undefined'],
    [[undefined], 'undefined'],
    [Array(2), 'undefined'],
    [undefined, 'undefined'],
    [{ a: 1n }, 'bigint'],
    [() => 1, 'function'],
    [[Symbol('a')], 'symbol'],
    [{ a: new Date(0) }, 'an instance of a class'],
    [new Map([[1, 2]]), 'an instance of a class'],
    [new Float64Array(2), 'an instance of a class'],
    ['\ud800', 'text with half a surrogate pair'],
    [{ '\udc00': 1 }, 'text with half a surrogate pair'],
  ])('of %o is refused', (value, found) => {
    expect(() => canonicalJson(value as Json)).toThrow(new RangeError(`what identifies a task, or is its answer, must be JSON, got ${found}`));
  });
});

describe('the identity of a work', () => {
  test('is that of its meaning: order of keys, spelling of numbers, count, block size and cost leave it alone', () => {
    const id = workId(work(), CODE);
    expect(workId(work({ parameters: { model: { b: null, a: [1, 2.0] }, epsilon: 1e-1 } }), CODE)).toBe(id);
    expect(workId(work({ replicates: 1000, blockSize: 7, costPerReplicate: 9 }), CODE)).toBe(id);
  });

  test('changes with kind, any parameter, study, version and code', () => {
    const ids = [
      workId(work(), CODE),
      workId(work({ kind: 'check' }), CODE),
      workId(work({ parameters: { epsilon: 0.1, model: { a: [2, 1], b: null } } }), CODE),
      workId(work({ parameters: { epsilon: 0.1 + 2 ** -56, model: { a: [1, 2], b: null } } }), CODE),
      workId(work({ parameters: { epsilon: '0.1', model: { a: [1, 2], b: null } } }), CODE),
      workId(work(), { ...CODE, study: 't' }),
      workId(work(), { ...CODE, version: 2 }),
      workId(work(), { ...CODE, code: 'd' }),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('holds what it needs: its meaning, its count and its place, not how it is cut', () => {
    const [a, b] = [work({ parameters: { name: 'a' } }), work({ parameters: { name: 'b' } })];
    const id = workId(work({ needs: [a, b] }), CODE);
    expect(workId(work({ needs: [{ ...a, blockSize: 1, costPerReplicate: 5 }, b] }), CODE)).toBe(id);
    for (const needs of [[], [a], [b, a], [a, { ...b, replicates: 9 }], [{ ...a, needs: [b] }, b]])
      expect(workId(work({ needs }), CODE)).not.toBe(id);
  });
});
