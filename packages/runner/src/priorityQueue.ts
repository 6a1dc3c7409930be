/** A queue that gives the first by an order of its own: a binary heap (Williams 1964), so that adding and taking cost the logarithm of its size. */

/** What waits. */
export interface PriorityQueue<T> {
  readonly size: number;
  add(item: T): void;
  /** Takes the first. @throws RangeError if there is none. */
  take(): T;
}

/** Starts an empty queue. @param isBefore A strict total order; items that it cannot tell apart come in any order. */
export function priorityQueue<T>(isBefore: (a: T, b: T) => boolean): PriorityQueue<T> {
  // No item is before its parent, which for heap[k] is heap[(k - 1) >> 1].
  const heap: T[] = [];
  return {
    get size() {
      return heap.length;
    },
    add(item) {
      let k = heap.length;
      for (; k > 0 && isBefore(item, heap[(k - 1) >> 1]); k = (k - 1) >> 1) heap[k] = heap[(k - 1) >> 1];
      heap[k] = item;
    },
    take() {
      if (heap.length === 0) throw new RangeError('the queue must not be empty');
      const first = heap[0];
      const item = heap.pop() as T;
      if (heap.length === 0) return first;
      let k = 0;
      for (;;) {
        let child = 2 * k + 1;
        if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child += 1;
        if (child >= heap.length || !isBefore(heap[child], item)) break;
        heap[k] = heap[child];
        k = child;
      }
      heap[k] = item;
      return first;
    },
  };
}
