import { expect, test } from 'vitest';
import type { WorkerRequest } from '../worker.ts';
import { packRequests, unpackRequests } from './message.ts';

const shared = { study: 's', kind: 'k', parameters: { a: 1 }, inputs: [], tables: { root: '/r', folder: 'f' } };
const request = (from: number, other: Partial<WorkerRequest> = {}): WorkerRequest => ({ ...shared, from, to: from + 2, ...other });

test('a message holds what requests in a row share once, and gives them all again, in order', () => {
  const requests = [request(0), request(2), request(4, { parameters: { a: 1 } }), request(6, { tables: null }), request(8), request(10)];
  const message = packRequests(requests);
  expect(message.map(({ blocks }) => blocks)).toEqual([
    [0, 2, 2, 4],
    [4, 6],
    [6, 8],
    [8, 10, 10, 12],
  ]);
  expect(unpackRequests(structuredClone(message))).toEqual(requests);
  expect(unpackRequests(packRequests([]))).toEqual([]);
});
