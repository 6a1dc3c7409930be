import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { writeArrow } from '../arrow/writeArrow.ts';
import { checkFile } from './checkFile.ts';

const folder = mkdtempSync(join(tmpdir(), 'ergoflow-check-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('an Arrow file cut after any byte, or with a bit of any byte flipped, is not as recorded', () => {
  const path = join(folder, 'a.arrow');
  const record = { file: 'a.arrow', ...writeArrow(path, { meaning: 'm', columns: [{ name: 'x', meaning: 'n', values: Float64Array.of(1, 2, 3) }] }) };
  const whole = readFileSync(path);
  expect(checkFile(folder, record)).toBeNull();
  for (let at = 0; at < whole.length; at++) {
    writeFileSync(path, whole.subarray(0, at));
    expect(checkFile(folder, record)).toBe(`has ${at} bytes instead of ${whole.length}`);
    const flipped = Buffer.from(whole);
    flipped[at] ^= 1 << (at % 8);
    writeFileSync(path, flipped);
    expect(checkFile(folder, record), `bit ${at % 8} of byte ${at}`).toBe('has other content than was written (SHA-256)');
  }
  rmSync(path);
  expect(checkFile(folder, record)).toBe('is not there');
});
