import { spawn, spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { visitDraws } from './fixtures/draws.ts';
import { normalCdf } from './fixtures/normalLaw.ts';
import { rawWords } from './fixtures/rawWords.ts';

/**
 * Brown's battery (dieharder) on our numbers. Each of its p-values counts as a failure below 1e-7 or above 1 - 1e-7: with 24 of them, a false alarm
 * in 2·10^5 changes of the seeds. A generator that fails a test that it should pass gets p = 0 at these lengths.
 */
const TAIL = 1e-7;
const isInstalled = spawnSync('dieharder', ['-l']).status === 0;

/** Numbers of the tests: birthdays, permutations, ranks, ones, runs, craps, bits, KS of KS, cosine transform, filled trees. */
const OF_WORDS = [0, 1, 3, 8, 9, 15, 16, 100, 204, 206, 207, 208, 209];
/** The same of normals, without those that take more of them than are made in some seconds. */
const OF_NORMALS = [0, 8, 15, 100, 204, 206];

/** Runs one test on the numbers that `source` hands over, until it has enough. */
async function pValues(number: number, source: () => Uint8Array): Promise<number[]> {
  const child = spawn('dieharder', ['-g', '200', '-d', `${number}`], { stdio: ['pipe', 'pipe', 'ignore'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  // It closes its input when it has enough.
  child.stdin.on('error', () => {});
  const feed = (): void => {
    while (!child.stdin.destroyed && child.stdin.writable && child.stdin.write(source()));
  };
  child.stdin.on('drain', feed);
  feed();
  await new Promise((resolve) => child.on('close', resolve));
  return [...text.matchAll(/^[^#|]+\|[^|]+\|[^|]+\|[^|]+\|\s*([\d.]+)\s*\|/gm)].map((match) => Number(match[1]));
}

/** 16 bits of each of two normals' Φ. */
function normalsAsWords(name: string): () => Uint8Array {
  const buffer: Uint16Array[] = [];
  let block = 0;
  return () => {
    if (buffer.length === 0) {
      visitDraws([10, name, block++], 64, (z) => buffer.push(Uint16Array.from(z, (x) => Math.min(65535, Math.floor(65536 * normalCdf(x))))));
    }
    return new Uint8Array((buffer.pop() as Uint16Array).buffer);
  };
}

describe.runIf(isInstalled)(isInstalled ? 'dieharder' : 'dieharder IS NOT INSTALLED, its tests of the generator did not run', () => {
  test.each(OF_WORDS)('finds nothing in the words of 64 replicates in turn, test %i', async (number) => {
    const found = await pValues(number, rawWords([10, number], 64));
    expect(found.length).toBeGreaterThan(0);
    for (const p of found) expect(Math.min(p, 1 - p)).toBeGreaterThan(TAIL);
  });

  test.each(OF_NORMALS)("finds nothing in normals' Φ, test %i", async (number) => {
    const found = await pValues(number, normalsAsWords(`normals ${number}`));
    expect(found.length).toBeGreaterThan(0);
    for (const p of found) expect(Math.min(p, 1 - p)).toBeGreaterThan(TAIL);
  });

  test('finds a counter', async () => {
    let next = 0;
    const counter = (): Uint8Array => new Uint8Array(Uint32Array.from({ length: 4096 }, () => next++).buffer);
    const found = await pValues(8, counter);
    expect(Math.min(...found.map((p) => Math.min(p, 1 - p)))).toBeLessThan(TAIL);
  });
});
