/** Finds TensorFlow on this machine: tfjs-node (TensorFlow itself), else the WebAssembly or the JavaScript back end of TensorFlow.js. */
import { createRequire } from 'node:module';
import { env } from 'node:process';
import { Unavailable } from '../../targets/unavailable.ts';
import type { TensorFlow } from '../customFunction.ts';

/** What computes: TensorFlow's library, TensorFlow.js in WebAssembly, TensorFlow.js in JavaScript. Best first. */
export const TENSORFLOW_BACKENDS = ['node', 'wasm', 'cpu'] as const;

/** The name of a back end. */
export type TensorflowBackend = (typeof TENSORFLOW_BACKENDS)[number];

/** What of TensorFlow works here. */
export interface TensorflowReport {
  /** The back end that is ready, or null. */
  readonly backend: TensorflowBackend | null;
  /** Its versions, or why there is none. */
  readonly detail: string;
  /** Why those before it in the order node, wasm, cpu are not used; empty if none was tried. */
  readonly missing: string;
}

/** A back end that is ready. */
export interface ReadyTensorflow {
  readonly tf: TensorFlow;
  readonly backend: TensorflowBackend;
  readonly detail: string;
}

/** For each back end: the npm package, and the name that TensorFlow.js registers it by. */
const PACKAGES: Readonly<Record<TensorflowBackend, { readonly name: string; readonly registered: string }>> = {
  node: { name: '@tensorflow/tfjs-node', registered: 'tensorflow' },
  wasm: { name: '@tensorflow/tfjs-backend-wasm', registered: 'wasm' },
  cpu: { name: '@tensorflow/tfjs-backend-cpu', registered: 'cpu' },
};

/** What `prepareTensorflow` made ready last in this thread. */
let ready: ReadyTensorflow | null = null;

/**
 * Loads TensorFlow, so that `compileTraining` can use the target `tensorflow` in this thread; takes a tenth of a second to some tenths.
 *
 * @param choice The one back end to use; default: the environment variable ERGOFLOW_TENSORFLOW, else the first that works of node, wasm and cpu.
 * @returns What was found; it never fails. The kernels that are compiled from now on use it.
 */
export async function prepareTensorflow(choice: string | undefined = env.ERGOFLOW_TENSORFLOW): Promise<TensorflowReport> {
  ready = null;
  const wanted = TENSORFLOW_BACKENDS.filter((name) => choice === undefined || choice === '' || choice === name);
  if (wanted.length === 0) return { backend: null, detail: `ERGOFLOW_TENSORFLOW must be node, wasm or cpu, got ${choice}`, missing: '' };
  const reasons: string[] = [];
  for (const backend of wanted) {
    try {
      const { tf, detail } = await load(backend);
      ready = { tf, backend, detail };
      return { backend, detail, missing: reasons.join('; ') };
    } catch (error) {
      reasons.push(`${backend}: ${messageOf(error)}`);
    }
  }
  return { backend: null, detail: reasons.join('; '), missing: '' };
}

/**
 * Gives what was prepared.
 *
 * @throws Unavailable if nothing was.
 */
export function readyTensorflow(): ReadyTensorflow {
  if (ready === null) throw new Unavailable('TensorFlow must be loaded first: await prepareTensorflow() in this thread, and see what it says', true);
  return ready;
}

/** Makes a back end the current one; what was made by another one keeps its values. */
export function activate({ tf, backend }: ReadyTensorflow): void {
  // The promise of a back end that was initialised before is fulfilled by the time it is returned.
  if (tf.getBackend() !== PACKAGES[backend].registered) void tf.setBackend(PACKAGES[backend].registered);
}

/** The first line of an error, without a list of the places searched. */
const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message.split('\n')[0].replace(/^Cannot find module '(.*)'$/, '$1 is not installed') : String(error);

async function load(backend: TensorflowBackend): Promise<{ tf: TensorFlow; detail: string }> {
  const { name, registered } = PACKAGES[backend];
  const require = createRequire(import.meta.url);
  const tf = require('@tensorflow/tfjs-core') as TensorFlow;
  // Otherwise it prints advice, and warns of what tfjs-node registers a second time.
  tf.enableProdMode();
  // In Node, the core's gradients are registered by this package.
  require('@tensorflow/tfjs-layers');
  // TensorFlow's library prints what it finds of the processor otherwise.
  env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  env.TF_ENABLE_ONEDNN_OPTS ??= '0';
  // tfjs-node brings the JavaScript back end along.
  if (backend !== 'cpu' || tf.findBackendFactory('cpu') === null) require(name);
  if (!(await tf.setBackend(registered))) throw new Error(`${name} did not start`);
  const sum = tf.tidy(() => tf.add(tf.scalar(1), tf.scalar(1)).dataSync()[0]);
  if (sum !== 2) throw new Error(`${name} gives ${sum} for 1 + 1`);
  const { binding } = tf.backend() as { readonly binding?: { readonly TF_Version?: string } };
  const library = backend === 'node' ? `TensorFlow ${binding?.TF_Version ?? 'of unknown version'} by ` : '';
  return { tf, detail: `${library}${name.slice('@tensorflow/'.length)} ${tf.version_core}` };
}
