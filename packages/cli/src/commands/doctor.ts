/** `ergoflow doctor`: what of the machine is used, what is not, and what to do about it. */
import { accessSync, constants, statfsSync } from 'node:fs';
import { availableParallelism, freemem, totalmem } from 'node:os';
import { describeTargets, prepareTensorflow } from '@ergoflow/kernels';
import type { Given } from '../options.ts';
import type { RunCommand } from './command.ts';

/** One finding. */
interface Finding {
  readonly what: string;
  readonly ok: boolean;
  readonly found: string;
  /** What to do where it is not ok, or could be better. */
  readonly remedy: string | null;
}

/** Examines the machine. */
export const doctor: RunCommand = async (given) => {
  const findings = [nodeVersion(), cores(given), memory(), ...targets(given), await tensorflow(), disk()];
  if (given.json) process.stdout.write(`${JSON.stringify(findings, null, 2)}\n`);
  else {
    const width = Math.max(...findings.map(({ what }) => what.length));
    for (const { what, ok, found, remedy } of findings) {
      process.stdout.write(
        `${ok ? 'ok  ' : 'miss'}  ${what.padEnd(width)}  ${found}${remedy === null ? '' : `\n      ${' '.repeat(width)}  → ${remedy}`}\n`,
      );
    }
  }
  return 0;
};

/** Oldest version that is tested. */
const OLDEST = [20, 20];

function nodeVersion(): Finding {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const ok = major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
  return { what: 'node', ok, found: process.version, remedy: ok ? null : `install Node ${OLDEST.join('.')} or newer` };
}

function cores({ jobs }: Given): Finding {
  return { what: 'cores', ok: true, found: `${availableParallelism()} for this process, ${jobs} threads would be used`, remedy: null };
}

const gigabytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;

function memory(): Finding {
  return { what: 'memory', ok: true, found: `${gigabytes(freemem())} free of ${gigabytes(totalmem())}`, remedy: null };
}

const REMEDIES: Readonly<Record<string, string>> = {
  native: 'for speed only: install a C compiler (gcc or clang) and, if it is missing, the npm package koffi; WebAssembly runs until then',
  wasm: 'use a Node with WebAssembly SIMD (all official builds have it)',
};

function targets({ target }: Given): Finding[] {
  const reports = describeTargets();
  const used = target === 'auto' ? reports.find(({ works }) => works)?.name : target;
  return reports.map(({ name, works, detail }) => ({
    what: name,
    ok: works,
    found: `${detail}${name === used ? ' (used for what is worth compiling)' : ''}`,
    remedy: works ? null : (REMEDIES[name] ?? null),
  }));
}

async function tensorflow(): Promise<Finding> {
  const { backend, detail, missing } = await prepareTensorflow();
  const node = 'npm install @tensorflow/tfjs-node@4.22.0 (docs/tensorflow.md)';
  const none =
    'only for --target tensorflow and layers made of its operations: set ERGOFLOW_TENSORFLOW to node, wasm, cpu or nothing; npm install with optional packages';
  return {
    what: 'tensorflow',
    ok: backend !== null,
    found: `${detail}${missing === '' ? '' : ` (not ${missing})`}`,
    remedy: backend === null ? none : missing === '' ? null : `for speed and as a check only: ${node}`,
  };
}

function disk(): Finding {
  try {
    accessSync('.', constants.W_OK);
    const { bavail, bsize } = statfsSync('.');
    return { what: 'disk', ok: true, found: `${gigabytes(bavail * bsize)} free in ${process.cwd()}`, remedy: null };
  } catch {
    return { what: 'disk', ok: false, found: `${process.cwd()} cannot be written`, remedy: 'run in a folder of your own, or give --out' };
  }
}
