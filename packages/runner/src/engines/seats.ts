/** Places tasks on workers, one at a time on each: what threads and processes have in common. */
import type { WorkerAnswer, WorkerRequest } from '../worker.ts';
import { type Engine, type WorkerEnd, WorkerLost } from './engine.ts';

/** A worker as the engine sees it. */
export interface Seat {
  send(requests: readonly WorkerRequest[]): void;
  /** Ends it, whatever it does; its end is told as any other. */
  kill(): void;
}

/** What a worker tells. */
export interface SeatEvents {
  /** Its module is loaded. */
  onReady(): void;
  onAnswers(answers: readonly WorkerAnswer[]): void;
  /** Once. Where it was killed, how it ended says nothing. */
  onEnd(end: WorkerEnd): void;
}

/** A started worker with what it does. */
interface Place {
  seat: Seat;
  isReady: boolean;
  task: Task | null;
}

interface Task {
  readonly requests: readonly WorkerRequest[];
  readonly limit: (() => number) | undefined;
  readonly resolve: (answers: readonly WorkerAnswer[]) => void;
  readonly reject: (error: unknown) => void;
  timer?: NodeJS.Timeout;
}

/** A limit that depends on other tasks is asked again after at most this time. */
const RECHECK_MILLISECONDS = 200;
/** A thread within machine code cannot be ended before it returns: closing waits no longer for it. */
const CLOSE_MILLISECONDS = 5000;

/**
 * Makes an engine of workers that start when they are first needed; one that ends is replaced with the next task.
 *
 * @param slots Number of workers, ≥ 1; `name` is what the message calls it.
 * @throws RangeError for another number.
 */
export function seatEngine(slots: number, name: string, start: (events: SeatEvents) => Seat): Engine {
  if (!Number.isInteger(slots) || slots < 1) throw new RangeError(`${name} must be a whole number of at least 1, got ${slots}`);
  const places = new Set<Place>();
  const free: Place[] = [];
  const queue: Task[] = [];
  const ended = new Set<Promise<void>>();
  let isClosed = false;

  function open(): Place {
    let resolveEnd = (): void => {};
    const end = new Promise<void>((resolve) => {
      resolveEnd = resolve;
    });
    ended.add(end);
    const place: Place = { seat: { send: () => {}, kill: () => {} }, isReady: false, task: null };
    places.add(place);
    place.seat = start({
      onReady() {
        place.isReady = true;
        if (place.task !== null) begin(place, place.task);
      },
      onAnswers(answers) {
        const task = leave(place);
        if (task === null || !places.has(place)) return;
        free.push(place);
        next();
        task.resolve(answers);
      },
      onEnd(how) {
        resolveEnd();
        ended.delete(end);
        const task = leave(place);
        drop(place);
        task?.reject(place.isReady ? new WorkerLost('died', how) : new Error(`the worker does not start: ${how.lastWords.trim() || how.message}`));
        next();
      },
    });
    return place;
  }

  function begin(place: Place, task: Task): void {
    const { limit } = task;
    place.seat.send(task.requests);
    if (limit === undefined) return;
    const began = performance.now();
    const check = (): void => {
      const allowed = limit();
      const left = allowed - (performance.now() - began);
      if (left > 0) {
        task.timer = setTimeout(check, Math.min(left, RECHECK_MILLISECONDS));
        return;
      }
      leave(place);
      drop(place);
      place.seat.kill();
      const message = `the task took longer than the ${(allowed / 1000).toPrecision(3)} s that it may`;
      task.reject(new WorkerLost('timeout', { message, exitCode: null, signal: null, lastWords: '' }));
      next();
    };
    check();
  }

  function leave(place: Place): Task | null {
    const { task } = place;
    clearTimeout(task?.timer);
    place.task = null;
    return task;
  }

  function drop(place: Place): void {
    places.delete(place);
    const at = free.indexOf(place);
    if (at >= 0) free.splice(at, 1);
  }

  function next(): void {
    while (queue.length > 0 && (free.length > 0 || places.size < slots)) {
      const task = queue.shift() as Task;
      const place = free.pop() ?? open();
      place.task = task;
      if (place.isReady) begin(place, task);
    }
  }

  const runBundle: Engine['runBundle'] = (requests, limit) =>
    new Promise((resolve, reject) => {
      if (isClosed) throw new Error('the engine is closed');
      queue.push({ requests, limit, resolve, reject });
      next();
    });
  return {
    slots,
    runBundle,
    run: async (request, limit) => (await runBundle([request], limit))[0],
    async close() {
      isClosed = true;
      const closed = new Error('the engine is closed');
      for (const task of queue.splice(0)) task.reject(closed);
      for (const place of [...places]) {
        leave(place)?.reject(closed);
        drop(place);
        place.seat.kill();
      }
      let timer: NodeJS.Timeout | undefined;
      const patience = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, CLOSE_MILLISECONDS);
      });
      await Promise.race([Promise.all(ended), patience]);
      clearTimeout(timer);
    },
  };
}
