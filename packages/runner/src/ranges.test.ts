import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { missingBlocks, type Range, usable } from './ranges.ts';

const range = fc.tuple(fc.nat(60), fc.integer({ min: 1, max: 20 })).map(([from, length]): Range => ({ from, to: from + length }));
const ranges = fc.array(range, { maxLength: 12 });
const count = fc.integer({ min: 1, max: 70 });

/** Every replicate of some ranges, as often as it occurs. */
const replicates = (all: readonly Range[]): number[] => all.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, k) => from + k));
const upTo = (n: number): number[] => Array.from({ length: n }, (_, k) => k);
const ascending = (numbers: number[]): number[] => numbers.sort((a, b) => a - b);

describe('usable ranges', () => {
  test('are some of those that are done, in order, none twice, none beyond the count', () => {
    fc.assert(
      fc.property(ranges, count, (done, n) => {
        const chosen = usable(done, n);
        const covered = replicates(chosen);
        expect(chosen.every((one) => done.includes(one))).toBe(true);
        expect(covered).toEqual([...new Set(covered)].sort((a, b) => a - b));
        expect(covered.every((replicate) => replicate < n)).toBe(true);
      }),
    );
  });

  test('leave out only what overlaps those chosen or reaches beyond the count', () => {
    fc.assert(
      fc.property(ranges, count, (done, n) => {
        const covered = new Set(replicates(usable(done, n)));
        for (const one of done) expect(one.to > n || replicates([one]).some((replicate) => covered.has(replicate))).toBe(true);
      }),
    );
  });

  test('do not depend on the order in which they finished', () => {
    const shuffled = ranges.chain((done) => fc.tuple(fc.constant(done), fc.shuffledSubarray(done, { minLength: done.length })));
    fc.assert(
      fc.property(shuffled, count, ([done, other], n) => {
        expect(usable(other, n)).toEqual(usable(done, n));
      }),
    );
  });
});

describe('missing blocks', () => {
  test('are, with what is done, every replicate once', () => {
    fc.assert(
      fc.property(ranges, count, fc.integer({ min: 1, max: 20 }), (done, n, size) => {
        const have = usable(done, n);
        expect(ascending(replicates([...have, ...missingBlocks(have, n, size)]))).toEqual(upTo(n));
      }),
    );
  });

  test('are not longer than a block and begin anew at its multiples, so that more replicates leave the old blocks alone', () => {
    fc.assert(
      fc.property(ranges, count, fc.integer({ min: 1, max: 20 }), (done, n, size) => {
        for (const { from, to } of missingBlocks(usable(done, n), n, size)) {
          expect(to).toBeGreaterThan(from);
          expect(Math.floor(from / size)).toBe(Math.floor((to - 1) / size));
        }
      }),
    );
  });

  test('of nothing done are the blocks, of all done there are none', () => {
    expect(missingBlocks([], 10, 4)).toEqual([
      { from: 0, to: 4 },
      { from: 4, to: 8 },
      { from: 8, to: 10 },
    ]);
    expect(missingBlocks([{ from: 0, to: 10 }], 10, 4)).toEqual([]);
    expect(missingBlocks([{ from: 0, to: 12 }], 10, 4)).toEqual([]);
  });
});
