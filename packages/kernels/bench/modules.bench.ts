/** What making a `wasm` kernel takes, from the program to the end of one step: the first one of a process, and those after it. The least of several processes counts. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { SHAPES } from './shapes.ts';

const ROUNDS = 10;
const script = fileURLToPath(new URL('./firstModule.ts', import.meta.url));
const least = new Map<string, number>();
const take = (name: string, milliseconds: number): unknown => least.set(name, Math.min(least.get(name) ?? Number.POSITIVE_INFINITY, milliseconds));

for (let round = 0; round < ROUNDS; round++) {
  for (const [k, { name: first }] of SHAPES.entries()) {
    const times = JSON.parse(execFileSync(process.execPath, [...process.execArgv, script, `${k}`], { encoding: 'utf8' })) as Record<string, number>;
    for (const [name, milliseconds] of Object.entries(times)) take(name === first ? `first ${name}` : `later ${name}`, milliseconds);
  }
}
for (const { name } of SHAPES)
  console.log(`${name}: first ${least.get(`first ${name}`)?.toFixed(1)} ms, later ${least.get(`later ${name}`)?.toFixed(1)} ms`);
