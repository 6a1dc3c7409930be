/** The standard normals that samples are made of, named by step: any step's can be had again, so runs resume to the bit. */
import { graphBuilder, openStream, type Program, program } from '@ergoflow/kernels';
import { kernelOf } from '@ergoflow/sde';

/** Steps drawn at once: opening a stream costs as much as the normals of a step, and few numbers do not keep a kernel busy. */
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
  const size = width * lanes;
  const z = new Float64Array(BLOCK * size);
  let held = -1;
  return {
    at(step) {
      const block = Math.floor(step / BLOCK);
      if (block !== held) {
        const streams = { z: openStream([...name, block], 0, lanes) };
        kernelOf(draws(BLOCK * width)).run({ lanes, steps: 1, firstStep: 0, uniforms: {}, states: { z }, streams });
        held = block;
      }
      const first = (step - block * BLOCK) * size;
      return z.subarray(first, first + size);
    },
  };
}

function draws(width: number): Program {
  const known = programs.get(width);
  if (known !== undefined) return known;
  const g = graphBuilder();
  const made = program([{ name: 'z', width, next: g.normal('z', width) }]);
  programs.set(width, made);
  return made;
}
