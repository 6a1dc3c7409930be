/**
 * Streams of random numbers, named by meaning.
 *
 * A name (seed, study, scale, process, …) gives a key by SHA-256; the key and a replicate's number give that replicate's state by ChaCha20's block
 * function (RFC 8439 §2.3); the state drives xoshiro256++ (Blackman & Vigna 2021, "Scrambled linear pseudorandom number generators", 2^256 - 1
 * states). So a replicate's numbers depend on what they mean alone, not on thread, lane, block or order, and two streams of length 2^64 overlap
 * with probability below 2^-127 for each pair.
 */
import { createCipheriv, createHash } from 'node:crypto';
import { endianness } from 'node:os';

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
  const keystream = littleEndian(chachaBlocks(digest, first, laneCount));
  const words = new Uint32Array(8 * laneCount);
  for (let lane = 0; lane < laneCount; lane++) {
    for (let k = 0; k < 8; k++) words[k * laneCount + lane] = keystream[(BLOCK / 4) * lane + k];
  }
  return { words, spare: new Float64Array(laneCount), hasSpare: false };
}

/** Bytes as 32-bit words, the lowest byte first whatever the machine's order is. */
function littleEndian(bytes: Buffer): Uint32Array {
  const words = new Uint32Array(bytes.length / 4);
  const own = Buffer.from(words.buffer);
  own.set(bytes);
  if (endianness() === 'BE') own.swap32();
  return words;
}

/** Bytes of a block. */
const BLOCK = 64;

/**
 * Computes ChaCha20's block function with a 64-bit counter and a zero nonce, for counters from `first` on.
 *
 * @param key [32] bytes.
 * @param first First counter; 0 ≤ first < 2^53.
 * @param count Number of blocks; ≥ 0.
 * @returns [64 × count] The blocks, one after the other.
 */
export function chachaBlocks(key: Uint8Array, first: number, count: number): Buffer {
  const blocks: Buffer[] = [];
  for (let done = 0; done < count; ) {
    const [low, high] = [(first + done) % 2 ** 32, Math.floor((first + done) / 2 ** 32)];
    // OpenSSL's counter has 32 bits; what follows them in its 16 bytes is the nonce of RFC 8439.
    const start = Buffer.alloc(16);
    start.writeUInt32LE(low, 0);
    start.writeUInt32LE(high, 4);
    const length = Math.min(count - done, 2 ** 32 - low);
    blocks.push(createCipheriv('chacha20', key, start).update(Buffer.alloc(BLOCK * length)));
    done += length;
  }
  return blocks.length === 1 ? blocks[0] : Buffer.concat(blocks);
}
