import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CHECKSUMS, changedFiles, openCheckedFiles } from './checksums.ts';
import { emptyFolder } from './fixtures/invoke.ts';

test('a file, or the list, cut after any byte or with any bit flipped is named, and no other', () => {
  const folder = emptyFolder();
  const files = openCheckedFiles(folder);
  files.write('a.json', '{"a":1}\n');
  files.write('b/ε.svg', '<svg/>');
  files.close();
  expect(changedFiles(folder)).toEqual([]);
  for (const name of ['a.json', 'b/ε.svg', CHECKSUMS]) {
    const path = join(folder, name);
    const whole = readFileSync(path);
    const damaged = Array.from({ length: 8 * whole.length }, (_, k) => {
      const flipped = Buffer.from(whole);
      flipped[k >> 3] ^= 1 << (k & 7);
      return flipped;
    });
    for (const bytes of [...damaged, ...Array.from(whole, (_, length) => whole.subarray(0, length))]) {
      writeFileSync(path, bytes);
      expect(changedFiles(folder).map((changed) => changed.name)).toEqual([name]);
    }
    writeFileSync(path, whole);
  }
  rmSync(join(folder, 'a.json'));
  expect(changedFiles(folder)).toEqual([{ name: 'a.json', problem: 'is not there' }]);
});

test('a run that has begun anew has no list, so that files of two runs are not compared', () => {
  const folder = emptyFolder();
  openCheckedFiles(folder).close();
  expect(existsSync(join(folder, CHECKSUMS))).toBe(true);
  openCheckedFiles(folder).write('a', 'new');
  expect(changedFiles(folder)).toEqual([]);
});
