import fc from 'fast-check';
import { expect, test } from 'vitest';
import { didYouMean, nearest } from './nearest.ts';

test('the nearest name is found within max(1, length/3) changes', () => {
  expect(nearest('y5', ['y1', 'x', 'y4', 'z5'])).toBe('y4');
  expect(nearest('drfit', ['noise', 'drift', 'start'])).toBe('drift');
  expect(nearest('drgxt', ['drift'])).toBeUndefined();
  expect(nearest('geomspce', ['linspace', 'geomspace', 'logspace'])).toBe('geomspace');
  expect(nearest('q', ['abc'])).toBeUndefined();
  expect(nearest('q', [])).toBeUndefined();
});

test('a difference in case alone is nearer than any other', () => {
  expect(nearest('EPSILON', ['epsilons', 'epsilon'])).toBe('epsilon');
});

test('the suggestion is a clause, or nothing', () => {
  expect(didYouMean('horizn', ['horizon'])).toBe('; did you mean horizon?');
  expect(didYouMean('zzzz', ['horizon'])).toBe('');
});

test('a name of a megabyte is not compared', () => {
  const long = 'a'.repeat(1_000_000);
  expect(nearest(long, [`${long}b`])).toBeUndefined();
});

test('one changed letter of a longer name is always found', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z]{4,12}$/), fc.nat(11), (name, k) => {
      const at = k % name.length;
      expect(nearest(`${name.slice(0, at)}_${name.slice(at + 1)}`, ['0000000000000', name])).toBe(name);
    }),
    { seed: 1, numRuns: 200 },
  );
});
