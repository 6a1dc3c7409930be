import { documentOf } from '@ergoflow/input';
import { compileTraining, tensorBuilder, trainingProgram } from '@ergoflow/kernels';
import { parameterValues, readModel } from '@ergoflow/sde';
import { describe, expect, it } from 'vitest';
import { coefficientTensors, slowCoefficients } from './coefficients.ts';
import { evaluateCoefficients } from './evaluateCoefficients.ts';

const read = (data: unknown) => readModel(documentOf(data as never));

/** Two slow components with a shared process, a vector of fast ones, and a parameter that follows another. */
const model = read({
  slow: {
    x: { drift: 'a*x - sum(y)*v', noise: { W: '1 + y[1]', x: 'v' } },
    z: { drift: 'x*z + exp(-y[2]^2)', noise: { W: 'z', z: 2 } },
  },
  fast: { y: { size: 2, drift: '-y[i]', noise: 1 } },
  parameters: { a: 2, v: 'a^2 - 1' },
});
const [xs, zs, y1, y2] = [
  [0.5, -1, 2],
  [1, 3, -0.25],
  [0.1, -0.7],
  [1.5, 0.2],
];
const fast = [y1, y2].map((values) => Float64Array.from(values));
const slow = [xs, zs].map((values) => Float64Array.from(values));

function byHand(a: number): number[][] {
  const v = a * a - 1;
  const pairs = xs.flatMap((x, i) => y1.map((first, m) => ({ x, z: zs[i], first, second: y2[m] })));
  return [
    pairs.map(({ x, first, second }) => a * x - (first + second) * v),
    pairs.map(({ x, z, second }) => x * z + Math.exp(-second * second)),
    pairs.map(({ first }) => (1 + first) ** 2 + v * v),
    pairs.map(({ z, first }) => (1 + first) * z),
    pairs.map(({ z }) => z * z + 4),
  ];
}

describe('coefficients of a model', () => {
  it('as numbers are those of the formulas at all pairs', () => {
    const { drift, diffusion } = evaluateCoefficients({ model, parameters: parameterValues(model), slow, fast });
    const expected = byHand(2);
    expect(drift.length).toBe(2);
    for (const [k, values] of [...drift, ...diffusion].entries()) {
      for (const [j, value] of values.entries()) expect(value).toBeCloseTo(expected[k][j], 13);
    }
    const alone = evaluateCoefficients({ model, parameters: parameterValues(model), slow, fast, want: 'diffusion' });
    expect(alone).toEqual({ drift: [], diffusion });
  });

  it('as tensors are the same, and a parameter that follows a learned one follows it', () => {
    const g = tensorBuilder();
    const row = (name: string) => g.input(name, { lanes: false, rows: 1, columns: 3 });
    const { drift, diffusion } = coefficientTensors(model, g, {
      slow: { x: row('x'), z: row('z') },
      fast: { y: g.input('y', { lanes: true, rows: 2, columns: 1 }) },
      parameters: { a: g.input('a', { lanes: false, rows: 1, columns: 1 }) },
    });
    const outputs = Object.fromEntries(
      [...drift, ...diffusion].map((tensor, k) => [`c${k}`, g.broadcast(tensor, { lanes: true, rows: 1, columns: 3 })]),
    );
    const kernel = compileTraining(trainingProgram(outputs), { precision: 'float64', lanes: 16 });
    kernel.inputs.x.set(xs);
    kernel.inputs.z.set(zs);
    for (let lane = 0; lane < 16; lane++) {
      kernel.inputs.y[lane] = y1[lane % 2];
      kernel.inputs.y[16 + lane] = y2[lane % 2];
    }
    kernel.inputs.a[0] = 3;
    kernel.run();
    for (const [k, expected] of byHand(3).entries()) {
      for (const [pair, value] of expected.entries()) {
        const [column, lane] = [Math.floor(pair / 2), pair % 2];
        expect(Math.abs(kernel.outputs[`c${k}`][column * 16 + lane] - value), `coefficient ${k}`).toBeLessThan(1e-12);
      }
    }
  });

  it('know whether the noise sees the fast variables, also where the fast equations are unknown', () => {
    expect(slowCoefficients(model).diffusionIsFast).toBe(true);
    const open = read({
      slow: { x: { drift: '-x + y', noise: 2 } },
      fast: { y: { drift: 'unknown', noise: 'unknown' } },
    });
    expect(slowCoefficients(open).diffusionIsFast).toBe(false);
    const { diffusion } = evaluateCoefficients({
      model: open,
      parameters: new Map(),
      slow: [Float64Array.of(1)],
      fast: [Float64Array.of(3)],
    });
    expect([...diffusion[0]]).toEqual([4]);
  });

  it('are refused where they read the time, or at states of another size', () => {
    const timed = read({ slow: { x: { drift: '-x + t', noise: 1 } }, fast: { y: { drift: '-y', noise: 1 } } });
    expect(() => slowCoefficients(timed)).toThrow('must not read t');
    expect(() => evaluateCoefficients({ model, parameters: parameterValues(model), slow: [slow[0]], fast })).toThrow('must have 2 components, got 1');
  });
});
