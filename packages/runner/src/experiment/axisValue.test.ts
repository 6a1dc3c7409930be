import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AxisValue, compareText, compareValues, valueProblem } from './axisValue.ts';

describe('the order of values', () => {
  test('of text is that of its UTF-8 bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        expect(Math.sign(compareText(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
      { numRuns: 200 },
    );
    expect(Math.sign(compareText('\u{1f600}', '\uffee'))).toBe(1);
  });

  test('is total: false, true, numbers ascending, text', () => {
    const values: AxisValue[] = [false, true, -1, 0, 0.5, 10, '', '10', 'a'];
    for (const [i, a] of values.entries()) for (const [j, b] of values.entries()) expect(Math.sign(compareValues(a, b))).toBe(Math.sign(i - j));
  });
});

describe('a value', () => {
  test.each([
    ['positive', [1, 5e-324], [0, -1, Number.NaN, Number.POSITIVE_INFINITY, '1', true, null]],
    ['nonnegative', [0, 1], [-1e-300, Number.NaN, '0']],
    ['number', [-1, 0, 1e308], [Number.NEGATIVE_INFINITY, Number.NaN, 'x', false]],
    ['whole', [1, 1e15], [0, 1.5, -1, Number.NaN, '1']],
    ['truth', [true, false], [0, 'true', null]],
    ['text', ['x', 'true'], ['', 1, true, null]],
    ['scheme', ['x'], ['', 1]],
  ] as const)('of kind %s', (kind, good, bad) => {
    for (const value of good) expect(valueProblem({ kind }, value)).toBeNull();
    for (const value of bad) expect(valueProblem({ kind }, value)).toMatch(/^is .*: .* is needed$/);
  });

  test('must be one of those allowed, and what its rule says besides', () => {
    const rule = { kind: 'text' as const, oneOf: ['heun', 'milstein'] };
    expect(valueProblem(rule, 'heun')).toBeNull();
    expect(valueProblem(rule, 'huen')).toBe('is "huen": allowed are heun, milstein; did you mean heun?');
    expect(valueProblem({ kind: 'number', problem: (value) => (value === 3 ? 'not three' : null) }, 3)).toBe('is 3: not three');
  });
});
