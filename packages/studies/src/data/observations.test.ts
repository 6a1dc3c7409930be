import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { documentOf, InputError } from '@ergoflow/input';
import { readModel } from '@ergoflow/sde';
import { afterAll, expect, test } from 'vitest';
import { readObservations } from './observations.ts';

const folder = mkdtempSync(join(tmpdir(), 'ergoflow-observations-'));
afterAll(() => rmSync(folder, { recursive: true }));

const ONE = readModel(documentOf({ slow: { x: { drift: '-x', noise: 1 } }, fast: { y: { drift: '-y', noise: 1 } } }));
const TWO = readModel(documentOf({ slow: { x: { size: 2, drift: '-x', noise: 1 } }, fast: { y: { drift: '-y', noise: 1 } } }));

function read(content: string, model = ONE) {
  const path = join(folder, 'data.csv');
  writeFileSync(path, content);
  const { paths, ...facts } = readObservations(path, model);
  return { ...facts, paths: paths.map(({ times, values }) => ({ times: [...times], values: values.map((column) => [...column]) })) };
}

test('unequal steps are one path', () => {
  expect(read('t,x\n0,1\n0.5,2\n3,-1')).toMatchObject({ paths: [{ times: [0, 0.5, 3], values: [[1, 2, -1]] }], rows: 3, missing: 0, single: 0 });
});

test('the components of a vector are columns of their own', () => {
  expect(read('x[2],t,x[1]\n5,0,1\n6,1,2', TWO).paths).toEqual([
    {
      times: [0, 1],
      values: [
        [1, 2],
        [5, 6],
      ],
    },
  ]);
});

test('paths may be mixed, and each has its own times', () => {
  expect(read('path,t,x\na,0,1\nb,0,10\na,1,2\nb,0.5,20').paths).toEqual([
    { times: [0, 1], values: [[1, 2]] },
    { times: [0, 0.5], values: [[10, 20]] },
  ]);
});

test('what ergoflow simulate writes can be read: replicate and time', () => {
  expect(read('replicate,time,x,y\n0,0,1,9\n1,0,3,9\n0,1,2,9\n1,1,4,9').paths.map(({ values }) => values)).toEqual([[[1, 2]], [[3, 4]]]);
});

test('a missing value ends a path, and an observation alone is counted and left out', () => {
  expect(read('t,x\n0,1\n1,2\n2,\n3,4\n4,NaN\n5,6\n6,7\n7,8')).toMatchObject({
    paths: [
      { times: [0, 1], values: [[1, 2]] },
      { times: [5, 6, 7], values: [[6, 7, 8]] },
    ],
    rows: 8,
    missing: 2,
    single: 1,
  });
});

test.each([
  ['t,x\n0,1\n2,1\n1,1', 'data.csv:4:1: times must increase: 1 comes after 2'],
  ['t,x\n0,1\n0,2', 'data.csv:3:1: times must increase: 0 stands there twice'],
  ['path,t,x\na,0,1\nb,5,1\na,1,1\nb,4,1', 'data.csv:5:1: times must increase along a path: 4 comes after 5'],
  ['t,x\n0,1\n,2\n3,4', 'data.csv:3:1: the time is missing: leave the row out'],
  ['t,x\n0,1', 'data.csv: the table has one row: at least two observations in a row are needed'],
  ['t,x', 'data.csv: the table has no row: at least two observations in a row are needed'],
  ['t,x\n0,1\n1,\n2,3', 'data.csv: the table has 3 rows, of which no two neighbours have all values: at least two observations in a row are needed'],
  ['t,z\n0,1\n1,2', 'data.csv:1:1: no column x: found t, z'],
])('%o is refused', (content, message) => {
  let found: unknown = null;
  try {
    read(content);
  } catch (error) {
    found = error;
  }
  expect(found).toBeInstanceOf(InputError);
  expect((found as InputError).format().replace(`${folder}/`, '')).toMatch(new RegExp(`^${message.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`));
});
