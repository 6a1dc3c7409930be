/**
 * Assertions on counts: how often many samples fell into the cells of a partition, for numbers of samples that no array holds.
 *
 * Pearson's X² = Σ (count - n p)²/(n p) has for large n p the χ² law with k = cells - 1 degrees of freedom; its tails are bounded by
 * P(X² ≥ k + 2√(kx) + 2x) ≤ exp(-x) (Laurent & Massart 2000, lemma 1), and those of the noncentral law by
 * P(X² ≤ k + λ - 2√((k + 2λ)x)) ≤ exp(-x) (Birgé 2001, lemma 8.1).
 */
import { radius } from './distribution.ts';
import { judge, leastCount } from './judge.ts';
import type { Power, Rates } from './rates.ts';
import { ratesOf } from './rates.ts';

/**
 * Asserts that samples fall into cells with given probabilities.
 *
 * @param counts Samples in each cell; independent samples.
 * @param probabilities Their sum is 1; n p must be 25 or more in each cell.
 * @param power `detects` is Σ (q - p)²/p, the χ² distance of the cells' true probabilities q from p.
 * @throws Error if the counts are off or do not detect `power.detects`; RangeError for a cell that too few samples fall into.
 */
export function assertCells(counts: ArrayLike<number>, probabilities: ArrayLike<number>, power: Power, subject = 'the cells'): void {
  const { falseAlarm } = ratesOf(power);
  const total = Array.from(counts).reduce((sum, count) => sum + count, 0);
  const least = total * Array.from(probabilities).reduce((a, b) => Math.min(a, b), 1);
  if (!(least >= 25)) throw new RangeError(`the expected count of a cell must be at least 25, got ${least}`);
  let statistic = 0;
  for (let k = 0; k < counts.length; k++) statistic += (counts[k] - total * probabilities[k]) ** 2 / (total * probabilities[k]);
  judge(
    {
      subject: `X² of ${subject}`,
      expected: counts.length - 1,
      estimate: statistic,
      discrepancy: statistic - (counts.length - 1),
      tolerance: excess(counts.length, falseAlarm),
      detectable: detectableCells(total, counts.length, power),
      needed: () => samplesForCells(power.detects, counts.length, power),
    },
    power,
  );
}

/** The largest X² - k that chance explains. */
function excess(cells: number, falseAlarm: number): number {
  const x = Math.log(1 / falseAlarm);
  return 2 * Math.sqrt((cells - 1) * x) + 2 * x;
}

/** The smallest χ² distance that n samples in so many cells detect: the λ = n·distance where the noncentral law's lower bound meets the tolerance. */
export function detectableCells(count: number, cells: number, rates: Rates = {}): number {
  const { falseAlarm, miss } = ratesOf(rates);
  const [x, t] = [Math.log(1 / miss), excess(cells, falseAlarm)];
  return (t + 4 * x + Math.sqrt(8 * t * x + 16 * x * x + 4 * (cells - 1) * x)) / count;
}

/** The number of samples that detects a χ² distance. */
export function samplesForCells(detects: number, cells: number, rates: Rates = {}): number {
  return leastCount((count) => detectableCells(count, cells, rates), detects);
}

/**
 * Asserts that samples have a given law at the ends of cells that follow one another: the distance of {@link assertDistribution}, seen from there.
 *
 * @param power `detects` is a distance |F - G| at an end of a cell.
 * @throws Error as {@link assertCells}.
 */
export function assertCellDistribution(counts: ArrayLike<number>, probabilities: ArrayLike<number>, power: Power, subject = 'the law'): void {
  const { falseAlarm, miss } = ratesOf(power);
  const total = Array.from(counts).reduce((sum, count) => sum + count, 0);
  let [estimate, below, expected] = [0, 0, 0];
  for (let k = 0; k < counts.length; k++) {
    below += counts[k];
    expected += probabilities[k];
    estimate = Math.max(estimate, Math.abs(below / total - expected));
  }
  const detectable = (count: number): number => radius(count, falseAlarm) + radius(count, miss);
  judge(
    {
      subject: `the distance of ${subject}`,
      expected: 0,
      estimate,
      discrepancy: estimate,
      tolerance: radius(total, falseAlarm),
      detectable: detectable(total),
      needed: () => leastCount(detectable, power.detects),
    },
    power,
  );
}
