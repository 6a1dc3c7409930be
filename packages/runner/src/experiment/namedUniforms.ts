/** Uniform numbers named by meaning: SHA-256 of a name and a counter, so that what one axis draws does not depend on what else there is. */
import { createHash } from 'node:crypto';

/**
 * Opens a sequence of independent uniform numbers in (0, 1), 53 bits each.
 *
 * @param name Same name, same numbers; the parts are told apart whatever they contain.
 * @returns A function that gives the next number.
 */
export function namedUniforms(name: readonly (string | number)[]): () => number {
  const key = JSON.stringify(name);
  let block = 0;
  let at = 4;
  let digest = Buffer.alloc(32);
  return () => {
    if (at === 4) {
      digest = createHash('sha256').update(`${key}#${block}`).digest();
      block += 1;
      at = 0;
    }
    const top = digest.readUInt32BE(8 * at) >>> 6;
    const bottom = digest.readUInt32BE(8 * at + 4) >>> 5;
    at += 1;
    // The middles of 2^53 equal cells, so that 0 and 1 do not occur (26 + 27 bits, then one half).
    return (top * 2 ** 27 + bottom + 0.5) / 2 ** 53;
  };
}

/** Draws a whole number from 0 to 2^32 - 1. */
export function namedWord(name: readonly (string | number)[]): number {
  return Math.floor(namedUniforms(name)() * 2 ** 32);
}
