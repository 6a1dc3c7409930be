/** Compares an Arrow file with what was recorded of it: the format has no checksum, and a file that is cut or has a flipped bit may be read without an error. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { arrow } from '../arrow/arrow.ts';
import { digest } from '../identity.ts';
import type { FileRecord } from '../worker.ts';

/** Says what is wrong with a file in a folder, in words that follow its name; null if it is as recorded. @throws The file system's error, but that it is not there. */
export function checkFile(folder: string, { file, rows, bytes, sha256 }: FileRecord): string | null {
  const path = join(folder, file);
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (size === undefined) return 'is not there';
  if (size !== bytes) return `has ${size} bytes instead of ${bytes}`;
  const content = readFileSync(path);
  if (digest(content) !== sha256) return 'has other content than was written (SHA-256)';
  const found = arrow().tableFromIPC(content).numRows;
  return found === rows ? null : `has ${found} rows instead of ${rows}`;
}
