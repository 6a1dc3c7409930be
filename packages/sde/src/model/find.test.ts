import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findModel, modelNames } from './find.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'models-'));
  mkdirSync(join(folder, 'shipped'));
  mkdirSync(join(folder, 'own'));
  for (const name of ['shipped/linear', 'shipped/triad', 'own/linear']) writeFileSync(join(folder, `${name}.yaml`), '');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the first folder that has the name wins, a path stands for itself, and a missing name tells the nearest', () => {
  const folders = [join(folder, 'own'), join(folder, 'none'), join(folder, 'shipped')];
  expect(findModel('linear', folders)).toBe(join(folder, 'own', 'linear.yaml'));
  expect(findModel('triad', folders)).toBe(join(folder, 'shipped', 'triad.yaml'));
  expect(findModel('models/x', folders)).toBe('models/x');
  expect(findModel('x.yaml', folders)).toBe('x.yaml');
  expect(modelNames(folders)).toEqual(['linear', 'triad']);
  expect(() => findModel('trida', folders)).toThrow('unknown model "trida": allowed are linear, triad, or a path; did you mean triad?');
});
