/**
 * Streams of random numbers, named by meaning.
 *
 * A name (seed, study, scale, process, …) gives a key by SHA-256; the key and a replicate's number give that replicate's state by ChaCha20's block
 * function (RFC 8439 §2.3); the state drives xoshiro256++ (Blackman & Vigna 2021, "Scrambled linear pseudorandom number generators", 2^256 - 1
 * states). So a replicate's numbers depend on what they mean alone, not on thread, lane, block or order, and two streams of length 2^64 overlap
 * with probability below 2^-127 for each pair.
 */
import { createHash } from 'node:crypto';

/** The running state of one stream in a block of lanes. */
export interface Stream {
  /** [8 × laneCount]: the words (low before high) of xoshiro256++'s four 64-bit numbers; lanes contiguous. */
  readonly words: Uint32Array;
  /** [laneCount]: the second normal of the last pair, if it was not used yet. */
  readonly spare: Float64Array;
  /** True if `spare` holds normals; the same for all lanes. */
  hasSpare: boolean;
}

/**
 * Opens the streams of a range of replicates.
 *
 * @param name What the numbers are for: whole numbers, finite numbers and strings, in an order of the caller's.
 * @param first Number of the replicate in lane 0; 0 ≤ first < 2^53.
 * @param laneCount Number of consecutive replicates; ≥ 1.
 */
export function openStream(name: readonly (string | number)[], first: number, laneCount: number): Stream {
  for (const part of name) {
    if (typeof part === 'number' && !Number.isFinite(part)) throw new RangeError(`a number in a stream's name must be finite, got ${part}`);
  }
  const digest = createHash('sha256').update(JSON.stringify(name)).digest();
  const key = Uint32Array.from({ length: 8 }, (_, k) => digest.readUInt32LE(4 * k));
  const words = new Uint32Array(8 * laneCount);
  const block = new Uint32Array(16);
  for (let lane = 0; lane < laneCount; lane++) {
    const replicate = first + lane;
    chachaBlock(key, replicate % 2 ** 32, Math.floor(replicate / 2 ** 32), block);
    for (let k = 0; k < 8; k++) words[k * laneCount + lane] = block[k] as number;
  }
  return { words, spare: new Float64Array(laneCount), hasSpare: false };
}

// Kept, as a block is computed for each replicate and process, and making two arrays takes longer than that.
const state = new Int32Array(16);
const x = new Int32Array(16);

/**
 * Computes ChaCha20's block function with a 64-bit counter and a zero nonce.
 *
 * @param key [8] 32-bit words.
 * @param low Low word of the counter.
 * @param high High word of the counter.
 * @param out [16] Receives the block.
 */
export function chachaBlock(key: Uint32Array, low: number, high: number, out: Uint32Array): void {
  // "expand 32-byte k" in ASCII, RFC 8439 §2.3.
  state.set([0x61707865, 0x3320646e, 0x79622d32, 0x6b206574]);
  state.set(key, 4);
  state[12] = low;
  state[13] = high;
  x.set(state);
  for (let round = 0; round < 10; round++) {
    quarterRound(x, 0, 4, 8, 12);
    quarterRound(x, 1, 5, 9, 13);
    quarterRound(x, 2, 6, 10, 14);
    quarterRound(x, 3, 7, 11, 15);
    quarterRound(x, 0, 5, 10, 15);
    quarterRound(x, 1, 6, 11, 12);
    quarterRound(x, 2, 7, 8, 13);
    quarterRound(x, 3, 4, 9, 14);
  }
  for (let k = 0; k < 16; k++) out[k] = (x[k] as number) + (state[k] as number);
}

function quarterRound(x: Int32Array, a: number, b: number, c: number, d: number): void {
  x[a] += x[b];
  x[d] = rotateLeft(x[d] ^ x[a], 16);
  x[c] += x[d];
  x[b] = rotateLeft(x[b] ^ x[c], 12);
  x[a] += x[b];
  x[d] = rotateLeft(x[d] ^ x[a], 8);
  x[c] += x[d];
  x[b] = rotateLeft(x[b] ^ x[c], 7);
}

const rotateLeft = (x: number, by: number): number => (x << by) | (x >>> (32 - by));
