import { expect, test } from 'vitest';
import { chachaBlock, openStream } from './streams.ts';

test('the block function gives the keystream of RFC 8439, test vector 1 of appendix A.1', () => {
  const out = new Uint32Array(16);
  chachaBlock(new Uint32Array(8), 0, 0, out);
  const bytes = Buffer.from(out.buffer).toString('hex');
  expect(bytes).toBe(
    '76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586',
  );
});

test('the block function gives the keystream of RFC 8439, test vector 2 of appendix A.1 (counter 1)', () => {
  const out = new Uint32Array(16);
  chachaBlock(new Uint32Array(8), 1, 0, out);
  expect(Buffer.from(out.buffer).subarray(0, 16).toString('hex')).toBe('9f07e7be5551387a98ba977c732d080d');
});

test('a replicate has the same state in whatever block of lanes it is opened', () => {
  const whole = openStream([1, 'a'], 0, 10);
  const part = openStream([1, 'a'], 7, 3);
  for (let lane = 0; lane < 3; lane++) {
    for (let word = 0; word < 8; word++) expect(part.words[word * 3 + lane]).toBe(whole.words[word * 10 + 7 + lane]);
  }
});

test('names that differ in any part have different states', () => {
  const names = [[1, 'a'], [2, 'a'], [1, 'b'], [1, 'a', 0], ['1', 'a'], ['1,a']];
  const states = names.map((name) => openStream(name, 0, 1).words.join());
  expect(new Set(states).size).toBe(names.length);
});

test('numbers of replicates above 2^32 are told apart', () => {
  expect(openStream([1], 5, 1).words.join()).not.toBe(openStream([1], 2 ** 32 + 5, 1).words.join());
});

test('a name with a number that is not finite is refused', () => {
  expect(() => openStream([Number.NaN], 0, 1)).toThrow('must be finite, got NaN');
});
