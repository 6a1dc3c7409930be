import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readTaskLog } from './taskLog.ts';

/** Starts the writer and kills it when it has printed so many lines, in the midst of what comes next. */
async function killed(folder: string, lines: number): Promise<number[]> {
  const child = spawn(process.execPath, [...process.execArgv, fileURLToPath(new URL('./fixtures/writer.ts', import.meta.url)), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const printed: number[] = [];
  for await (const line of createInterface(child.stdout)) {
    printed.push(Number(line));
    if (printed.length === lines) child.kill('SIGKILL');
  }
  return printed;
}

test('a process killed at any moment, again and again, leaves whole artefacts and every record that it called durable', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ergoflow-kill-'));
  try {
    for (let k = 1; k <= 15; k++) {
      const printed = await killed(folder, 1 + ((k * 5) % 11));
      const { records } = readTaskLog<{ readonly id: number }>(folder);
      expect(records.map(({ id }) => id)).toEqual(Array.from({ length: records.length }, (_, id) => id));
      expect(records.length).toBeGreaterThan(printed.at(-1) as number);
      const path = join(folder, 'artefact');
      expect(existsSync(path)).toBe(true);
      expect(readFileSync(path, 'utf8')).toMatch(/^(A{300000}|B{300000})$/);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
