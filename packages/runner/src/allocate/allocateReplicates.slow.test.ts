/** The allocator over studies of known laws: how often the interval at which it stops holds the truth, and what it spends against who knows the law. */
import { assertProportion, uniforms } from '@ergoflow/testing';
import { expect, test } from 'vitest';
import { allocateReplicates, type TargetReplicates } from './allocateReplicates.ts';
import type { Interval } from './neededReplicates.ts';

interface Law {
  /** From two uniforms. */
  readonly draw: (u: number, v: number) => number;
  readonly mean: number;
  readonly deviation: number;
  /** The root of the mean is estimated, with an interval symmetric on the logarithmic scale. */
  readonly root: boolean;
}

const normal = (u: number, v: number): number => Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v);
const LAWS: Readonly<Record<string, Law>> = {
  'normals of deviation 1': { draw: (u, v) => 1 + normal(u, v), mean: 1, deviation: 1, root: false },
  'normals of deviation 2': { draw: (u, v) => 1 + 2 * normal(u, v), mean: 1, deviation: 2, root: false },
  exponentials: { draw: (u) => -Math.log(u), mean: 1, deviation: 1, root: false },
  'the root mean square of normals': { draw: (u, v) => normal(u, v) ** 2, mean: 1, deviation: Math.SQRT2, root: true },
};

/** Normal and Student's quantile at 97.5 %, the latter by its first correction (Fisher & Cornish 1960). */
const Z = 1.959963984540054;
const student = (freedom: number): number => Z * (1 + (Z * Z + 1) / (4 * freedom));
const REPETITIONS = 10_000;
/** Bias that the interval allows for, and that is there in full. */
const SYSTEMATIC = 0.02;

function intervalOf({ mean, root }: Law, count: number, sum: number, squares: number): Interval {
  const m = sum / count;
  const error = Math.sqrt(Math.max(0, squares - count * m * m) / (count - 1) / count);
  const bias = SYSTEMATIC * mean;
  if (!root) return { estimate: m, low: m - student(count - 1) * error - bias, high: m + student(count - 1) * error + bias, systematic: bias };
  const estimate = Math.sqrt(m);
  const share = (student(count - 1) * error) / (2 * m);
  return { estimate, low: estimate * Math.exp(-share) - bias, high: estimate * Math.exp(share) + bias, systematic: bias };
}

test.each(Object.entries(LAWS))('%s: intervals cover as told, for at most 1.25 times the paths that who knows the law would take', (name, law) => {
  const asked: TargetReplicates = { kind: 'target', target: 0.07, level: 0.95, min: 32, max: 1e6 };
  const relative = law.root ? law.deviation / (2 * law.mean) : law.deviation / law.mean;
  const best = ((Z * relative) / (asked.target - SYSTEMATIC)) ** 2;
  let [covered, frugal] = [0, 0];
  for (let repetition = 0; repetition < REPETITIONS; repetition++) {
    let [count, done, sum, squares] = [asked.min, 0, 0, 0];
    for (;;) {
      const numbers = uniforms(`${name} ${repetition} ${done}`, 2 * (count - done));
      for (let k = 0; k < numbers.length; k += 2) {
        const value = law.draw(numbers[k], numbers[k + 1]);
        sum += value;
        squares += value * value;
      }
      done = count;
      const interval = intervalOf(law, count, sum, squares);
      const next = allocateReplicates({ count, intervals: { x: interval } }, asked);
      expect(next.unreached).toEqual([]);
      if (next.count === count) {
        // The interval without what it allows for: its level is what stopping may spoil.
        const truth = law.root ? Math.sqrt(law.mean) : law.mean;
        const bias = interval.systematic;
        if (interval.low + bias <= truth && truth <= interval.high - bias) covered++;
        if (count <= 1.25 * best) frugal++;
        break;
      }
      count = next.count;
    }
  }
  assertProportion(covered, REPETITIONS, 0.93, { detects: 0.03 }, 'atLeast', 'the coverage');
  assertProportion(frugal, REPETITIONS, 0.95, { detects: 0.03 }, 'atLeast', 'the share of runs with at most 1.25 times the best number of paths');
});
