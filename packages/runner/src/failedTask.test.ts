import { expect, test } from 'vitest';
import { type FailedTask, failureSignature, groupFailures } from './failedTask.ts';

const failure = (changes: Partial<FailedTask> = {}): FailedTask => ({
  id: 'a',
  work: 'w',
  kind: 'k',
  from: 0,
  to: 1,
  cause: 'thrown',
  name: 'RangeError',
  message: 'x must be positive, got -1.5e-3 at step 17',
  stack: 'RangeError: x\n    at f (file.ts:1:2)\n    at g (file.ts:9:9)',
  end: null,
  attempts: 1,
  ...changes,
});

test('failures that differ in numbers, task and deeper stack alone have one signature', () => {
  const other = failure({
    id: 'b',
    message: 'x must be positive, got 7 at step 3',
    stack: 'RangeError: x\n    at f (file.ts:1:2)\n    at h (y.ts:1:1)',
  });
  expect(failureSignature(other)).toBe(failureSignature(failure()));
});

test.each<Partial<FailedTask>>([
  { cause: 'died' },
  { name: 'TypeError' },
  { message: 'y must be positive, got 1' },
  { stack: 'RangeError: x\n    at f (file.ts:1:3)' },
  { end: { message: '', exitCode: 3, signal: null, lastWords: '' } },
])('failures that differ by %j have two', (changes) => {
  expect(failureSignature(failure(changes))).not.toBe(failureSignature(failure()));
});

test('groups come the most frequent first, whatever the order of the failures', () => {
  const three = ['c', 'a', 'b'].map((id) => failure({ id }));
  const one = failure({ id: '0', cause: 'died' });
  expect(groupFailures([one, ...three]).map((group) => group.map(({ id }) => id))).toEqual([['a', 'b', 'c'], ['0']]);
  expect(groupFailures([...three, one])).toEqual(groupFailures([one, ...three]));
});
