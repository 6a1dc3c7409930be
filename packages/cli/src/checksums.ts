/** The digests of the files that a run writes at its end, in the form of `sha256sum`: they tell a flipped bit that leaves a file readable. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { digest, writeArtefact } from '@ergoflow/runner';

/** Name of the list in a result folder. It is there only where all of its files are of one run. */
export const CHECKSUMS = 'checksums.sha256';

/** Files that are written with their digests noted. */
export interface CheckedFiles {
  /** Writes a file, by its name within the folder. @throws The file system's error. */
  write(name: string, text: string): void;
  /** Writes the list, whose last line is its own digest. @throws The file system's error. */
  close(): void;
}

/** Starts anew: what an earlier run noted no longer holds. @throws The file system's error. */
export function openCheckedFiles(folder: string): CheckedFiles {
  rmSync(join(folder, CHECKSUMS), { force: true });
  const lines: string[] = [];
  return {
    write(name, text) {
      writeArtefact(join(folder, name), text);
      lines.push(`${digest(text)}  ${name}\n`);
    },
    close() {
      const list = lines.join('');
      writeArtefact(join(folder, CHECKSUMS), `${list}# ${digest(list)}\n`);
    },
  };
}

/** Names the files that are not as their run wrote them, each with what is wrong; none where there is no list, as that of a run that did not come to its end. */
export function changedFiles(folder: string): { readonly name: string; readonly problem: string }[] {
  const path = join(folder, CHECKSUMS);
  if (!existsSync(path)) return [];
  const text = readFileSync(path, 'utf8');
  const [, list, own] = /^([\s\S]*)# ([0-9a-f]{64})\n$/.exec(text) ?? [];
  if (list === undefined || digest(list) !== own) return [{ name: CHECKSUMS, problem: 'is damaged' }];
  return list
    .split('\n')
    .slice(0, -1)
    .flatMap((line) => {
      const name = line.slice(66);
      const file = join(folder, name);
      if (!existsSync(file)) return [{ name, problem: 'is not there' }];
      return digest(readFileSync(file)) === line.slice(0, 64) ? [] : [{ name, problem: 'has other content than was written (SHA-256)' }];
    });
}
