import fc from 'fast-check';
import { expect, test } from 'vitest';
import { priorityQueue } from './priorityQueue.ts';

test('the first by its order comes out, whatever was added and taken before', () => {
  // A number is added, null takes one.
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer({ min: 0, max: 20 })), { maxLength: 60 }), (steps) => {
      const queue = priorityQueue<number>((a, b) => a > b);
      const model: number[] = [];
      for (const step of steps) {
        if (step !== null) {
          queue.add(step);
          model.push(step);
        } else if (model.length > 0) {
          model.sort((a, b) => a - b);
          expect(queue.take()).toBe(model.pop());
        }
        expect(queue.size).toBe(model.length);
      }
    }),
    { numRuns: 500 },
  );
});

test('an empty queue has nothing to take', () => {
  const queue = priorityQueue<number>((a, b) => a < b);
  expect(() => queue.take()).toThrow('the queue must not be empty');
  queue.add(1);
  queue.take();
  expect(() => queue.take()).toThrow('the queue must not be empty');
});
