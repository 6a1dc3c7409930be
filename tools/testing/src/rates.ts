/** How often a statistical assertion may be wrong: false alarms, misses, and the discrepancy that counts as one. */

/** The two rates of error. */
export interface Rates {
  /** Largest probability that the assertion fails although the claim holds; in (0, 1), default 1e-6. */
  readonly falseAlarm?: number;
  /** Largest probability that it passes although the claim is off by the detectable discrepancy; in (0, 1), default 1e-6. */
  readonly miss?: number;
}

/** What a test must achieve. */
export interface Power extends Rates {
  /** Discrepancy, in the units of what is compared, that must not go unseen: too few samples for it are a failure of the test. */
  readonly detects: number;
}

/** Rates at which a suite of a thousand assertions gives a false alarm once in a thousand changes of its seeds. */
export const DEFAULT_RATES = { falseAlarm: 1e-6, miss: 1e-6 } as const satisfies Required<Rates>;

/**
 * Fills in the default rates.
 *
 * @throws RangeError for a rate that is not in (0, 1).
 */
export function ratesOf({ falseAlarm = DEFAULT_RATES.falseAlarm, miss = DEFAULT_RATES.miss }: Rates): Required<Rates> {
  for (const [name, rate] of Object.entries({ falseAlarm, miss })) {
    if (!(rate > 0 && rate < 1)) throw new RangeError(`${name} must be between 0 and 1, got ${rate}`);
  }
  return { falseAlarm, miss };
}
