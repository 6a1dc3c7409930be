/** The message that takes tasks to a worker: what they have in common is in it once, as copying it costs more than a tiny task does. */
import type { WorkerRequest } from '../worker.ts';

/** Requests, one after the other, that differ in their blocks alone. */
export interface Message {
  readonly request: WorkerRequest;
  /** Their [from, to), flat. */
  readonly blocks: readonly number[];
}

/** Packs requests, in order; those in a row that have the very same objects share them. */
export function packRequests(requests: readonly WorkerRequest[]): Message[] {
  const messages: { request: WorkerRequest; blocks: number[] }[] = [];
  for (const request of requests) {
    const last = messages.at(-1);
    if (last !== undefined && isSameBut(last.request, request)) last.blocks.push(request.from, request.to);
    else messages.push({ request, blocks: [request.from, request.to] });
  }
  return messages;
}

/** Gives the requests again, in order. */
export function unpackRequests(messages: readonly Message[]): WorkerRequest[] {
  return messages.flatMap(({ request, blocks }) =>
    Array.from({ length: blocks.length / 2 }, (_, k) => ({ ...request, from: blocks[2 * k], to: blocks[2 * k + 1] })),
  );
}

/** Tells whether two requests differ at most in their blocks; equal objects that are not the same count as different. */
function isSameBut(a: WorkerRequest, b: WorkerRequest): boolean {
  const keys = Object.keys(a) as (keyof WorkerRequest)[];
  return keys.length === Object.keys(b).length && keys.every((key) => key === 'from' || key === 'to' || a[key] === b[key]);
}
