/** Mean, standard deviation and skewness of samples, and the normal approximation of their mean's law. */
import normalQuantile from '@stdlib/stats-base-dists-normal-quantile';
import { type Rates, ratesOf } from './rates.ts';

/** What the normal approximation needs to know of independent samples. */
export interface Summary {
  readonly count: number;
  readonly mean: number;
  readonly sd: number;
  /** Third central moment over sd³. */
  readonly skewness: number;
}

/**
 * Summarises samples, in two passes.
 *
 * @param samples At least 2.
 */
export function summaryOf(samples: ArrayLike<number>): Summary {
  const count = samples.length;
  if (count < 2) throw new RangeError(`samples must be at least 2, got ${count}`);
  let sum = 0;
  for (let k = 0; k < count; k++) sum += samples[k];
  const mean = sum / count;
  let [second, third] = [0, 0];
  for (let k = 0; k < count; k++) {
    const deviation = samples[k] - mean;
    second += deviation * deviation;
    third += deviation * deviation * deviation;
  }
  const sd = Math.sqrt(second / (count - 1));
  return { count, mean, sd, skewness: sd === 0 ? 0 : third / count / sd ** 3 };
}

/** Summarises samples one after the other, where they are too many to keep. */
export interface RunningSummary {
  add(x: number): void;
  summary(): Summary;
}

/** Starts a summary from sums of powers; for samples whose mean is not large against their deviation, as digits cancel. */
export function runningSummary(): RunningSummary {
  let [count, first, second, third] = [0, 0, 0, 0];
  return {
    add(x) {
      count++;
      first += x;
      second += x * x;
      third += x * x * x;
    },
    summary() {
      const mean = first / count;
      const sd = Math.sqrt(second / count - mean * mean);
      const central = third / count - 3 * mean * (second / count) + 2 * mean ** 3;
      return { count, mean, sd, skewness: sd === 0 ? 0 : central / sd ** 3 };
    },
  };
}

/** The z that a standard normal exceeds with probability p. */
export function upperNormal(p: number): number {
  return -normalQuantile(p, 0, 1);
}

/** The number of standard errors between a claim and what is detected: z(α/2) for the alarm and z(β) for the miss. */
export function detectableErrors(rates: Rates): number {
  const { falseAlarm, miss } = ratesOf(rates);
  return upperNormal(falseAlarm / 2) + upperNormal(miss);
}

/**
 * Refuses samples whose mean is not normal enough, so far out in the tails, for the false-alarm rate to be meant.
 *
 * The true rate of a tail is the normal one times exp(∓skewness·z³/(3√n)) to first order (Jing, Shao & Wang 2003, "Self-normalized Cramér-type large
 * deviations for independent random variables"); more than a factor of e either way is refused.
 *
 * @throws Error with the number of samples needed.
 */
export function requireNormalMean(subject: string, { count, skewness }: Summary, rates: Rates): void {
  const z = upperNormal(ratesOf(rates).falseAlarm / 2);
  const needed = Math.max(LEAST, ((skewness * z ** 3) / 3) ** 2);
  if (!(count >= needed)) {
    throw new Error(
      `the test of ${subject} needs ${Math.ceil(needed)} samples for the normal approximation, got ${count} (skewness ${skewness}): take more, or a bounded statistic`,
    );
  }
}

/** Below it Student's tails at five standard errors differ from the normal ones by more than a factor of 1.2. */
const LEAST = 1000;
