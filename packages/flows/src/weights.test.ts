import { tensorBuilder } from '@ergoflow/kernels';
import { expect, it } from 'vitest';
import { packWeights, unpackWeights, weightCount, weightInputs } from './weights.ts';

const WEIGHTS = [
  { name: 'a', rows: 2, columns: 3 },
  { name: 'b', rows: 2, columns: 1 },
];

it('packed weights unpack to what was packed, and views write through', () => {
  const named = { b: [7, 8], a: [1, 2, 3, 4, 5, 6] };
  const flat = packWeights(WEIGHTS, named);
  expect([...flat]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(weightCount(WEIGHTS)).toBe(8);
  const views = unpackWeights(WEIGHTS, flat);
  views.b[0] = -1;
  expect(flat[6]).toBe(-1);
});

it('weights that are missing or of another size are named', () => {
  expect(() => packWeights(WEIGHTS, { a: [1], b: [1, 2] })).toThrow('weight a must have 2 × 3 numbers, got 1');
  expect(() => packWeights(WEIGHTS, { a: [1, 2, 3, 4, 5, 6] })).toThrow('weight b must have 2 × 1 numbers, got none');
  expect(() => unpackWeights(WEIGHTS, new Float64Array(7))).toThrow('weights must be 8 numbers, got 7');
  expect(() => weightInputs(tensorBuilder(), WEIGHTS)('c')).toThrow('weight must be one of the flow');
});
