/** Fitted flows as plain values: what the flow is, and its weights as one array, each checked against the other. */
import { createHash } from 'node:crypto';
import type { Flow } from './flow.ts';
import { flowOf } from './flowOf.ts';
import { type CompleteFlowSpec, completeSpec, type FlowSpec } from './spec.ts';
import { weightCount } from './weights.ts';

/** Changes when the same weights would mean another law. */
export const FLOW_FILE_VERSION = 1;

/** All of a flow but its weights; plain JSON. */
export interface FlowFile {
  readonly format: 'ergoflow-flow';
  readonly version: number;
  readonly spec: CompleteFlowSpec;
  readonly dimension: number;
  readonly contextDimension: number;
  /** Numbers in the array of weights. */
  readonly weightCount: number;
  /** Of the specification, the dimensions, and the names and sizes of the weights; SHA-256 in hexadecimal. */
  readonly specDigest: string;
  /** Of the weights' bits. */
  readonly weightsDigest: string;
}

/**
 * Describes a flow with weights; the weights themselves are stored beside it as they are, 64 bits each.
 *
 * @throws RangeError for a wrong number of weights, or one that is not finite.
 */
export function saveFlow(spec: FlowSpec, dimension: number, contextDimension: number, weights: Float64Array): FlowFile {
  const flow = flowOf(spec, dimension, contextDimension);
  checkWeights(flow, weights);
  return {
    format: 'ergoflow-flow',
    version: FLOW_FILE_VERSION,
    spec: completeSpec(spec),
    dimension,
    contextDimension,
    weightCount: weights.length,
    specDigest: specDigest(spec, flow),
    weightsDigest: digestOfNumbers(weights),
  };
}

/**
 * Makes the flow that a file describes.
 *
 * @param file As `saveFlow` made it, also after a round through JSON.
 * @param weights Those stored beside it.
 * @throws RangeError if format, version, specification or weights do not belong together.
 */
export function loadFlow(file: FlowFile, weights: Float64Array): Flow {
  if (file.format !== 'ergoflow-flow') throw new RangeError(`format must be ergoflow-flow, got ${JSON.stringify(file.format)}`);
  if (file.version !== FLOW_FILE_VERSION) {
    throw new RangeError(`version must be ${FLOW_FILE_VERSION}, got ${file.version}; fit again, or use the release of Ergoflow that wrote the file`);
  }
  const flow = flowOf(file.spec, file.dimension, file.contextDimension);
  checkWeights(flow, weights);
  if (specDigest(file.spec, flow) !== file.specDigest)
    throw new RangeError('specDigest must be that of the specification, got another; the file was changed');
  if (digestOfNumbers(weights) !== file.weightsDigest)
    throw new RangeError('weightsDigest must be that of the weights, got another; they belong to another fit or were changed');
  return flow;
}

function checkWeights(flow: Flow, weights: Float64Array): void {
  const count = weightCount(flow.weights);
  if (weights.length !== count) throw new RangeError(`weights must be ${count} numbers, got ${weights.length}`);
  const wrong = weights.findIndex((weight) => !Number.isFinite(weight));
  if (wrong >= 0) throw new RangeError(`weights must be finite, got ${weights[wrong]} at ${wrong}`);
}

function specDigest(spec: FlowSpec, { dimension, contextDimension, weights }: Flow): string {
  const shapes = weights.map(({ name, rows, columns }) => [name, rows, columns]);
  const text = JSON.stringify([FLOW_FILE_VERSION, completeSpec(spec), dimension, contextDimension, shapes]);
  return createHash('sha256').update(text).digest('hex');
}

/** Bytes in little-endian order, on every machine. */
function digestOfNumbers(numbers: Float64Array): string {
  const bytes = new DataView(new ArrayBuffer(8 * numbers.length));
  for (const [k, x] of numbers.entries()) bytes.setFloat64(8 * k, x, true);
  return createHash('sha256').update(bytes).digest('hex');
}
