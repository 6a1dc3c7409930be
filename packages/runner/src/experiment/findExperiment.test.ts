import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { nameOfFile, nameProblem } from './experimentName.ts';
import { experimentNames, findExperiment } from './findExperiment.ts';

const root = mkdtempSync(join(tmpdir(), 'ergoflow-find-'));
afterAll(() => rmSync(root, { recursive: true }));
const [own, shipped] = [join(root, 'own'), join(root, 'shipped')];
for (const file of [
  'own/a.yaml',
  'own/b/experiment.yaml',
  'own/notes.txt',
  'shipped/a.yaml',
  'shipped/c.yml',
  'shipped/d/experiment.yml',
  'shipped/e/other.yaml',
]) {
  mkdirSync(join(root, file, '..'), { recursive: true });
  writeFileSync(join(root, file), 'study: x\n');
}
mkdirSync(join(own, 'folder.yaml'));

test('an experiment is found by name in the first folder that has it, as a file or a folder', () => {
  const folders = [own, shipped, join(root, 'missing')];
  expect(findExperiment('a', folders)).toBe(join(own, 'a.yaml'));
  expect(findExperiment('b', folders)).toBe(join(own, 'b/experiment.yaml'));
  expect(findExperiment('c', folders)).toBe(join(shipped, 'c.yml'));
  expect(findExperiment('d', folders)).toBe(join(shipped, 'd/experiment.yml'));
  expect(experimentNames(folders)).toEqual(['a', 'b', 'c', 'd']);
  expect(experimentNames([])).toEqual([]);
});

test('an experiment is found by path', () => {
  expect(findExperiment(join(own, 'b'), [])).toBe(join(own, 'b/experiment.yaml'));
  expect(findExperiment(join(own, 'a'), [])).toBe(join(own, 'a.yaml'));
  expect(findExperiment('no/such/file.yaml', [])).toBe('no/such/file.yaml');
});

test('an unknown name is refused with all names and the nearest, a folder without experiment as such', () => {
  writeFileSync(join(own, 'linear-check.yaml'), 'study: x\n');
  expect(() => findExperiment('linear-chek', [own])).toThrow(
    'unknown experiment "linear-chek": allowed are a, b, linear-check, or a path; did you mean linear-check?',
  );
  expect(() => findExperiment('x', [join(root, 'missing')])).toThrow('there are none in');
  expect(() => findExperiment(join(shipped, 'e'), [])).toThrow('has no experiment.yaml');
  expect(() => findExperiment('', [own])).toThrow('the name of an experiment is empty');
});

test('a name must do as the name of a folder', () => {
  for (const name of ['a', 'linear-check', 'v1.2_b', '9', 'x'.repeat(100)]) expect(nameProblem(name)).toBeNull();
  for (const name of ['', '.', '..', '../x', 'a/b', 'a b', '-a', '.a', 'a.', 'ä', 'x'.repeat(101), 'a\n']) expect(nameProblem(name)).not.toBeNull();
  expect(nameOfFile('x/linear-check.yaml')).toBe('linear-check');
  expect(nameOfFile('x/y/experiment.yaml')).toBe('y');
  expect(nameOfFile('experiment.yaml')).toBeNull();
  expect(nameOfFile('(object)')).toBeNull();
});
