/** The standard normals that samples are made of, named by step: any step's can be had again, so runs resume to the bit. */
import { type GraphBuilder, graphBuilder, type Kernel, openStream, type Program, program, type Stream } from '@ergoflow/kernels';
import { kernelOf } from '@ergoflow/sde';

/** Steps that share one opened stream: opening costs about as much as drawing the normals of one step. */
const BLOCK = 16;

/** Gives the normals of a step. */
export interface NormalSource {
  /** [width × lanes], a row's lanes contiguous; valid until the next call. */
  at(step: number): Float64Array;
}

const programs = new Map<number, Program>();

/**
 * Opens a source.
 *
 * @param name What the numbers are for.
 */
export function normalSource(name: readonly (string | number)[], width: number, lanes: number): NormalSource {
  const known = programs.get(width);
  const made = known ?? draws(width);
  programs.set(width, made);
  const kernel: Kernel = kernelOf(made);
  const z = new Float64Array(width * lanes);
  let stream: Stream | null = null;
  let next = -1;
  return {
    at(step) {
      const first = step - (step % BLOCK);
      if (stream === null || step % BLOCK === 0 || step < next || first > next) {
        stream = openStream([...name, first], 0, lanes);
        next = first;
      }
      kernel.run({ lanes, steps: step - next + 1, firstStep: 0, uniforms: {}, states: { z }, streams: { z: stream } });
      next = step + 1;
      return z;
    },
  };
}

function draws(width: number): Program {
  const g: GraphBuilder = graphBuilder();
  return program([{ name: 'z', width, next: g.normal('z', width) }]);
}
