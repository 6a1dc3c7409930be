/** How long a task may take: a fixed time, or a part of the median of its work. */
import type { TaskRecord } from './taskRecord.ts';

/** A limit of time: milliseconds, or a multiple of the median time of the work's finished tasks. */
export type Timeout = { readonly milliseconds: number } | { readonly medians: number };

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Reads a limit: `90s`, `30m`, `1.5h`, `2d`, or `200%`, which is twice the median.
 *
 * @returns null if the text is no limit, or not above 0.
 */
export function readTimeout(text: string): Timeout | null {
  const parts = /^(\d+(?:\.\d+)?)\s*(s|min|m|h|d|%)$/.exec(text.trim());
  if (parts === null || Number(parts[1]) === 0) return null;
  const [, number, unit] = parts;
  return unit === '%' ? { medians: Number(number) / 100 } : { milliseconds: Number(number) * UNITS[unit] };
}

/** Tasks after which a median says something. */
const ENOUGH = 3;
/** A median of tiny tasks is within the noise of the machine: no task is ended sooner than this. */
const LEAST_MILLISECONDS = 1000;

/** The limits of a run. */
export interface TimeLimits {
  /** The limit of a work's tasks as it is at the time of the call, in milliseconds; undefined where there never is one. */
  of(work: string): (() => number) | undefined;
  /** Counts a finished task. */
  add(record: Pick<TaskRecord, 'work' | 'milliseconds'>): void;
}

/** Keeps the limits. @param records Tasks that were finished before. */
export function timeLimits(timeout: Timeout | null, records: readonly TaskRecord[]): TimeLimits {
  if (timeout === null) return { of: () => undefined, add: () => {} };
  if ('milliseconds' in timeout) return { of: () => () => timeout.milliseconds, add: () => {} };
  const times = new Map<string, number[]>();
  const medians = new Map<string, { readonly of: number; readonly median: number }>();
  const medianOf = (work: string): number => {
    const known = times.get(work) ?? [];
    if (known.length < ENOUGH) return Number.POSITIVE_INFINITY;
    const last = medians.get(work);
    // Asked with every task: sorted anew when a quarter has been added.
    if (last !== undefined && known.length < 1.25 * last.of) return last.median;
    const median = [...known].sort((a, b) => a - b)[Math.floor(known.length / 2)];
    medians.set(work, { of: known.length, median });
    return median;
  };
  const add: TimeLimits['add'] = ({ work, milliseconds }) => {
    const known = times.get(work);
    if (known === undefined) times.set(work, [milliseconds]);
    else known.push(milliseconds);
  };
  for (const record of records) add(record);
  return {
    add,
    of: (work) => () => Math.max(LEAST_MILLISECONDS, timeout.medians * medianOf(work)),
  };
}
