import { fileURLToPath } from 'node:url';
import { readYamlFile } from '@ergoflow/input';
import { compile, graphBuilder, program } from '@ergoflow/kernels';
import { assertCoverage, type Interval } from '@ergoflow/testing';
import { test } from 'vitest';
import type { Model } from '../model/model.ts';
import { parameterValues } from '../model/parameters.ts';
import { readModel } from '../model/readModel.ts';
import { eulerMaruyama } from '../schemes/eulerMaruyama.ts';
import { parameterUniforms } from '../system.ts';
import { averagedEquation } from './averagedEquation.ts';
import { ergodicAverages } from './ergodic.ts';

const load = (name: string): Model => readModel(readYamlFile(fileURLToPath(new URL(`../../../../models/${name}.yaml`, import.meta.url))));

/** b̄ at a slow state, from the model's closed form. */
function truthAt(model: Model, x: number): number {
  const g = graphBuilder();
  const drift = averagedEquation(model, { kind: 'truth' }).drift(g, new Map([['x', g.state('x')]]), g.constant(0));
  const kernel = compile(
    program([
      { name: 'x', width: 1, next: null },
      { name: 'b', width: 1, next: drift.get('x') as never },
    ]),
  );
  const states = { x: Float64Array.of(x), b: new Float64Array(1) };
  kernel.run({ lanes: 1, steps: 1, firstStep: 0, uniforms: parameterUniforms(parameterValues(model, new Map())), states, streams: {} });
  return states.b[0];
}

/** t₁₅ at 0.975 (SciPy). */
const STUDENT = 2.131449545559323;

// False-alarm rate 1e-6 each; a coverage of 0.9 would be seen.
test.each(['linear', 'multiplicative', 'coupled', 'triad', 'double-well', 'tagged-particle'])(
  '%s: mean of 16 chains ± t·(their spread/√16) ± the bound of the step holds the closed form as often as it says',
  (name) => {
    const model = load(name);
    const [step, x] = [0.05, 0.8];
    const axis = { low: x - 3, high: x, count: 4 };
    const truth = truthAt(model, x);
    const intervals = Array.from({ length: 3000 }, (_, seed): Interval => {
      const { extrapolated, stepDifference } = ergodicAverages({
        model,
        parameters: parameterValues(model, new Map()),
        scheme: eulerMaruyama,
        step,
        duration: 20,
        axes: [axis],
        from: 0,
        to: 16,
        meaning: [seed],
      });
      const last = (table: Float64Array | undefined): Float64Array => (table as Float64Array).filter((_value, k) => k % 4 === 3);
      const values = last(extrapolated.get('drift x'));
      const mean = values.reduce((total, value) => total + value, 0) / 16;
      const spread = Math.sqrt(values.reduce((total, value) => total + (value - mean) ** 2, 0) / 15 / 16);
      const bound = step * Math.abs(last(stepDifference.get('drift x')).reduce((total, value) => total + value, 0) / 16);
      return { low: mean - STUDENT * spread - bound, high: mean + STUDENT * spread + bound };
    });
    assertCoverage(intervals, truth, 0.95, { detects: 0.05 }, 'atLeast');
  },
);
