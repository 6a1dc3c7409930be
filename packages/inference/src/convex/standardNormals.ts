/** Standard normals by name, drawn as all random numbers are. */
import { graphBuilder, openStream, program } from '@ergoflow/kernels';
import { kernelOf } from '@ergoflow/sde';

/**
 * Draws independent standard normals.
 *
 * @param seed What they are for.
 * @returns [width] of [count]; the numbers of place m do not depend on count.
 */
export function standardNormals(width: number, count: number, seed: readonly (string | number)[]): Float64Array[] {
  const g = graphBuilder();
  const draw = program([{ name: 'z', width, next: g.normal('z', width) }]);
  const z = new Float64Array(width * count);
  kernelOf(draw).run({ lanes: count, steps: 1, firstStep: 0, uniforms: {}, states: { z }, streams: { z: openStream(seed, 0, count) } });
  return Array.from({ length: width }, (_, k) => z.subarray(k * count, (k + 1) * count));
}
