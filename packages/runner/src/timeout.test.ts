import { expect, test } from 'vitest';
import { readTimeout, timeLimits } from './timeout.ts';

test.each([
  ['90s', { milliseconds: 90_000 }],
  ['30m', { milliseconds: 1_800_000 }],
  ['1.5 h', { milliseconds: 5_400_000 }],
  ['2d', { milliseconds: 172_800_000 }],
  ['200%', { medians: 2 }],
  ['30', null],
  ['0s', null],
  ['-5s', null],
  ['5 weeks', null],
  ['', null],
])('%j is the limit %j', (text, limit) => {
  expect(readTimeout(text)).toEqual(limit);
});

const record = (work: string, seconds: number) => ({ work, milliseconds: 1000 * seconds });

test('a part of the median follows the work’s own finished tasks, from the third on', () => {
  const limits = timeLimits({ medians: 2 }, []);
  const limit = limits.of('a') as () => number;
  for (const seconds of [1, 100]) limits.add(record('a', seconds));
  for (const seconds of [7, 7, 7]) limits.add(record('b', seconds));
  expect(limit()).toBe(Number.POSITIVE_INFINITY);
  limits.add(record('a', 3));
  expect(limit()).toBe(6000);
  for (let k = 0; k < 40; k++) limits.add(record('a', 10));
  expect(limit()).toBe(20_000);
  expect(limits.of('b')?.()).toBe(14_000);
});

test('a part of the median is never less than a second, a fixed time is as it is, and without a limit there is none', () => {
  const limits = timeLimits({ medians: 2 }, []);
  for (let k = 0; k < 3; k++) limits.add(record('a', 0.001));
  expect(limits.of('a')?.()).toBe(1000);
  expect(timeLimits({ milliseconds: 5 }, []).of('a')?.()).toBe(5);
  expect(timeLimits(null, []).of('a')).toBeUndefined();
});
