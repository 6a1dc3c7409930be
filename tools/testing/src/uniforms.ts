/** Uniform numbers for tests, from a source that shares nothing with the code under test: AES-256 in counter mode. */
import { createCipheriv, createHash } from 'node:crypto';

/**
 * Gives independent uniforms on (0, 1): (k + ½)·2^-52 for whole k.
 *
 * @param name Tells one sequence from another; the same name gives the same numbers.
 * @param count How many.
 */
export function uniforms(name: string, count: number): Float64Array {
  const key = createHash('sha256').update(name).digest();
  const bytes = createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(8 * count));
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, 2 * count);
  const out = new Float64Array(count);
  for (let k = 0; k < count; k++) out[k] = (words[2 * k] * 2 ** 20 + (words[2 * k + 1] >>> 12) + 0.5) * 2 ** -52;
  return out;
}
