import { expect, test } from 'vitest';
import { formatDuration, progressLine, progressText } from './progress.ts';

const half = { done: 10, reused: 4, failed: 1, total: 22, remainingSeconds: 200 };

test('says counts, share and what is left', () => {
  expect(progressText(half, 100)).toMatch(/^█{15}░{15} {2}50 % 10\/22 tasks, 4 reused, 1 failed, 3 min 20 s left$/);
  expect(progressText({ ...half, done: 22, failed: 0, reused: 0, remainingSeconds: 0 }, 100)).toMatch(/100 % 22\/22 tasks$/);
  expect(progressText({ done: 0, reused: 0, failed: 0, total: 0, remainingSeconds: null }, 40)).toContain('100 %');
  for (const columns of [40, 60, 80]) expect(progressText(half, columns).length).toBeLessThanOrEqual(Math.max(columns, 68));
});

test('writes durations as people say them', () => {
  expect([0, 59.4, 61, 3599, 7500, 90_000, 300_000].map(formatDuration)).toEqual([
    '0 s',
    '59 s',
    '1 min 01 s',
    '59 min 59 s',
    '2 h 05 min',
    '1 d 1 h',
    '3 d 11 h',
  ]);
});

/** Catches what a stream is given. */
function stream(isTTY: boolean): { readonly to: NodeJS.WriteStream; readonly text: () => string } {
  let all = '';
  const write = (text: string): boolean => {
    all += text;
    return true;
  };
  return { to: { isTTY, columns: 80, write } as unknown as NodeJS.WriteStream, text: () => all };
}

test('elsewhere than on a terminal has the first line and the last, and no control characters', () => {
  const { to, text } = stream(false);
  const line = progressLine(to, false);
  for (let done = 0; done <= 22; done++) line.show({ ...half, done, failed: 0 });
  line.end();
  expect(text().trimEnd().split('\n').length).toBe(2);
  expect(text()).not.toContain('\r');
});

test('on a terminal a message stands above the line, which is wiped first', () => {
  const { to, text } = stream(true);
  const line = progressLine(to, false);
  line.show(half);
  line.note('a message');
  expect(text()).toMatch(/\r +\ra message\n$/);
});

test('quietly shows notes only', () => {
  const { to, text } = stream(false);
  const line = progressLine(to, true);
  line.show(half);
  line.note('a message');
  expect(text()).toBe('a message\n');
});
