import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openInFlight } from './inFlight.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ergoflow-flight-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const id = (letter: string): string => letter.repeat(64);
const suspects = (): string[] => [...openInFlight(folder).suspects].sort();

test('after a run that ended in order nobody is suspect, and there is no file', () => {
  const inFlight = openInFlight(folder);
  for (const leave of [id('a'), id('b')].map((task) => inFlight.enter([task]))) leave();
  inFlight.close();
  expect(existsSync(join(folder, 'running'))).toBe(false);
  expect(suspects()).toEqual([]);
});

test('after one that ended without a word those are suspect that ran then, and no one whose place was taken since', () => {
  const inFlight = openInFlight(folder);
  inFlight.enter([id('a')]);
  const leave = inFlight.enter([id('b')]);
  inFlight.enter([id('c')]);
  leave();
  inFlight.enter([id('d'), id('e')]);
  expect(suspects()).toEqual([id('a'), id('c'), id('d'), id('e')]);
});

test('who is suspect stays so until it has run, whatever happens before', () => {
  openInFlight(folder).enter([id('a')]);
  const drained = openInFlight(folder);
  drained.enter([id('b')])();
  drained.close();
  const crashed = openInFlight(folder);
  crashed.enter([id('c')]);
  expect(suspects()).toEqual([id('a'), id('c')]);
  const last = openInFlight(folder);
  for (const task of ['a', 'c']) last.enter([id(task)])();
  last.close();
  expect(suspects()).toEqual([]);
});

test('places are used again: the file does not grow with the number of tasks', () => {
  const inFlight = openInFlight(folder);
  for (let k = 0; k < 100; k++) inFlight.enter([id('a')])();
  expect(readFileSync(join(folder, 'running')).length).toBe(65);
});

test('a file of something else makes nobody suspect', () => {
  writeFileSync(join(folder, 'running'), 'x'.repeat(1000));
  expect(suspects()).toEqual([]);
});
