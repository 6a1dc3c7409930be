import { expect, test } from 'vitest';
import { chachaBlocks, openStream } from './streams.ts';

test('the blocks are the keystream of RFC 8439, test vectors 1 and 2 of appendix A.1', () => {
  const blocks = chachaBlocks(new Uint8Array(32), 0, 2);
  expect(blocks.subarray(0, 64).toString('hex')).toBe(
    '76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586',
  );
  expect(blocks.subarray(64, 80).toString('hex')).toBe('9f07e7be5551387a98ba977c732d080d');
});

test('the counter has 64 bits', () => {
  const key = Buffer.alloc(32, 7);
  const across = chachaBlocks(key, 2 ** 32 - 2, 4);
  expect(across.length).toBe(256);
  for (let k = 0; k < 4; k++) expect(across.subarray(64 * k, 64 * (k + 1))).toEqual(chachaBlocks(key, 2 ** 32 - 2 + k, 1));
  expect(across.subarray(128, 192)).not.toEqual(chachaBlocks(key, 0, 1));
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
