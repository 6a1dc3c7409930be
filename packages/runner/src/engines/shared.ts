/** Data that threads take over from the thread that starts them instead of making them again; processes have none, and make their own. */
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';

/**
 * Offers data to the threads that start from now on, and to this one.
 *
 * @param value Plain data; arrays on a SharedArrayBuffer are one memory for all, others are copied for each thread.
 */
export function offerToThreads(key: string, value: object): void {
  setEnvironmentData(`ergoflow:${key}`, value as never);
}

/** Gives what was offered under a key, or null. Not checked: that it has the type. */
export function offered<T extends object>(key: string): T | null {
  return (getEnvironmentData(`ergoflow:${key}`) as unknown as T | undefined) ?? null;
}
