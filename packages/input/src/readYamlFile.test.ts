import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { InputError } from './inputError.ts';
import { readYamlFile } from './readYamlFile.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'input-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function complaint(path: string): string {
  try {
    readYamlFile(path);
  } catch (error) {
    if (error instanceof InputError) return error.format();
    throw error;
  }
  return 'no complaint';
}

test('a file is read, with and without a byte order mark', () => {
  expect(readYamlFile(file('a.yaml', 'a: é')).value).toEqual({ a: 'é' });
  expect(readYamlFile(file('b.yaml', Buffer.from('\ufeffa: 1'))).value).toEqual({ a: 1 });
});

test('a missing file is told with the nearest name', () => {
  file('double-well.yaml', 'a: 1');
  const path = join(folder, 'duoble-well.yaml');
  expect(complaint(path)).toBe(`${path}: this file does not exist; did you mean ${join(folder, 'double-well.yaml')}?`);
  expect(complaint(join(folder, 'no', 'such.yaml'))).toContain('does not exist');
  expect(complaint('a\u0000b')).toContain('does not exist');
});

test('a folder, a device, text of another encoding and a file of 10 MB are refused', () => {
  expect(complaint(folder)).toBe(`${folder}: this is a folder: a YAML file is needed`);
  if (process.platform !== 'win32') expect(complaint('/dev/null')).toBe('/dev/null: this is not a regular file: a YAML file is needed');
  const latin = file('latin.yaml', Buffer.from('a: é', 'latin1'));
  expect(complaint(latin)).toBe(`${latin}: the file is not UTF-8 text: save it as UTF-8`);
  expect(complaint(file('utf16.yaml', Buffer.from('\ufeffa: 1', 'utf16le')))).toContain('not UTF-8');
  const large = file('large.yaml', Buffer.alloc(10_000_000, 'x'));
  expect(complaint(large)).toBe(`${large}: the file has 10.0 MB: at most 1 MB is allowed`);
});
