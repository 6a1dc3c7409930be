/** A training step beside other people's software: ours before and after theirs, each by least time. Writes results/bench/training-peers.json. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { ours, startOf } from '../../packages/kernels/bench/trainingStep.ts';
import { tensorflowStep } from './tensorflow.ts';

interface Measured {
  readonly peer: string;
  readonly milliseconds: number;
}

/** Repeats steps for about so many milliseconds; gives the least time of one. */
function least(step: () => unknown, budget: number): number {
  let best = Number.POSITIVE_INFINITY;
  for (let spent = 0, round = 0; spent < budget || round < 60; round++) {
    const before = process.hrtime.bigint();
    step();
    const took = Number(process.hrtime.bigint() - before) / 1e6;
    spent += took;
    // The engine puts better machine code in place while the first ones run.
    if (round > 20) best = Math.min(best, took);
  }
  return best;
}

/**
 * Times and prints.
 *
 * @param others Runs the peers in Python, and gives what they print.
 */
export function compareTraining(others: () => string): void {
  const start = startOf();
  const [native, wasm] = [ours('native', start), ours('wasm', start)];
  const own = (): Measured[] => [
    { peer: 'ergoflow native', milliseconds: least(native.step, 3000) },
    { peer: 'ergoflow wasm', milliseconds: least(wasm.step, 3000) },
  ];
  const before = own();
  const tensorflow = tensorflowStep(start);
  const peers: Measured[] = typeof tensorflow === 'string' ? [] : [{ peer: 'tfjs-node', milliseconds: least(tensorflow.step, 3000) }];
  if (typeof tensorflow === 'string') console.log(`(${tensorflow})`);
  peers.push(...(JSON.parse(others()) as Measured[]));
  // Before and after, so that a change of the machine's speed in between would show.
  const rows = own().map(({ peer, milliseconds }, k) => ({ peer, milliseconds: Math.min(milliseconds, before[k].milliseconds) }));
  const fastest = (name: string): number => Math.min(...peers.filter(({ peer }) => peer.startsWith(name)).map(({ milliseconds }) => milliseconds));
  console.log('one training step of the reference size: ms');
  for (const { peer, milliseconds } of [...rows, ...peers].sort((a, b) => a.milliseconds - b.milliseconds)) {
    const ratios = ['jax', 'torch', 'tfjs-node'].flatMap((name) => {
      const ratio = fastest(name) / milliseconds;
      return peer.startsWith('ergoflow') && Number.isFinite(ratio) ? [`${name} takes ${ratio.toFixed(1)} times as long`] : [];
    });
    console.log(`  ${peer} ${milliseconds.toFixed(2)}${ratios.length > 0 ? `; ${ratios.join(', ')}` : ''}`);
  }
  const folder = fileURLToPath(new URL('../../results/bench/', import.meta.url));
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    `${folder}training-peers.json`,
    `${JSON.stringify({ processor: cpus()[0]?.model, node: process.version, rows: [...rows, ...peers] }, null, 2)}\n`,
  );
  console.log(`written to ${folder}training-peers.json`);
}
