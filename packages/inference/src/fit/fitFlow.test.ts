/** Whole fits of small problems whose answers are known: exact maximum likelihood and posteriors of Gaussian systems, and what a caller relies on. */
import {
  averagedEquation,
  coupledProgram,
  kernelOf,
  type Model,
  openStreams,
  parameterUniforms,
  parameterValues,
  SCHEMES,
  type Scheme,
  simulate,
  tableUniform,
} from '@ergoflow/sde';
import { describe, expect, it } from 'vitest';
import type { ObservedPath } from '../data/observations.ts';
import { pathOf, read, SMALL } from '../fixtures/smallFits.ts';
import { fitFlow } from './fitFlow.ts';
import type { FitOptions } from './types.ts';

/** x' = -a x + y: only E y is seen, and everything is Gaussian. */
const linear = (learn: boolean): Model =>
  read({
    slow: { x: { drift: '-a*x + y', noise: 0.5 } },
    fast: { y: { drift: 'unknown', noise: 'unknown' } },
    parameters: { a: { value: 1.3, ...(learn ? { learn: true, prior: 'normal(1, 1)' } : {}) } },
  });

const path = pathOf(([x]) => [0.8 - 1.3 * x], 0.5, 3000, [0.3], 'linear');

/** Σ over transitions but the gap. */
function sums({ times, values: [x] }: ObservedPath): { time: number; xTime: number; xxTime: number; push: number; xPush: number } {
  const out = { time: 0, xTime: 0, xxTime: 0, push: 0, xPush: 0 };
  for (let k = 0; k + 1 < times.length; k++) {
    const step = times[k + 1] - times[k];
    if (step > 1) continue;
    const dx = x[k + 1] - x[k];
    out.time += step;
    out.xTime += x[k] * step;
    out.xxTime += x[k] * x[k] * step;
    out.push += dx;
    out.xPush += x[k] * dx;
  }
  return out;
}

describe('a fit', () => {
  it.each(['flow', 'none'])('without a penalty is maximum likelihood (%s)', async (form) => {
    const model = linear(false);
    const options: FitOptions = { ...SMALL, penalties: [], ...(form === 'none' ? { flow: 'none' } : {}) };
    const result = await fitFlow({ model, parameters: parameterValues(model), paths: [path] }, options);
    const { time, xTime, push } = sums(path);
    // E y = Σ (dx + a x Δ)/T
    const mean = (push + 1.3 * xTime) / time;
    const middle = result.drift.at.findIndex(([x]) => x > 0.3);
    const found = result.drift.estimate[middle][0] + 1.3 * result.drift.at[middle][0];
    // information of E y: T/σ² = 480, so 0.1 nats are 0.02
    expect(Math.abs(found - mean)).toBeLessThan(0.02);
    expect(result.certificate.natsAboveOptimum).toBeLessThan(0.2);
    expect(result.certificate.natsAboveOptimum).toBeGreaterThan(-0.1);
    expect(result.method).toMatchObject({ likelihood: 'quadratic', transitions: 2999, gaps: 1 });
    expect(result.certificate.isInformative).toBe(true);
  });

  it('finds a learned parameter at its posterior mean with its posterior deviation, the law integrated out', async () => {
    const model = linear(true);
    const weight = 4;
    const result = await fitFlow(
      { model, parameters: parameterValues(model), paths: [path] },
      { flow: 'none', penalties: [{ kind: 'relative-entropy', weight }] },
    );
    // (a, m): precision and linear part of the likelihood; m ~ N(0, 1/weight), a ~ N(1, 1)
    const s = sums(path);
    const [aa, am, mm] = [s.xxTime / 0.25 + 1, -s.xTime / 0.25, s.time / 0.25 + weight];
    const [la, lm] = [-s.xPush / 0.25 + 1, s.push / 0.25];
    const determinant = aa * mm - am * am;
    const mean = (mm * la - am * lm) / determinant;
    const sd = Math.sqrt(mm / determinant);
    const { estimate, low, high } = result.parameters.a;
    expect(Math.abs(estimate - mean)).toBeLessThan(0.1 * sd);
    expect(Math.abs((high - low) / 3.92 / sd - 1)).toBeLessThan(0.1);
  });

  it('gives the same answer for the same seed, tells its phases, and stops for a signal', async () => {
    const model = linear(false);
    const problem = { model, parameters: parameterValues(model), paths: [path] };
    const phases: string[] = [];
    const first = await fitFlow(problem, SMALL, { onProgress: ({ phase }) => phases.push(phase) });
    const second = await fitFlow(problem, SMALL);
    expect(second).toEqual(first);
    expect([...new Set(phases)]).toEqual(['statistics', 'reference', 'convex', 'training', 'evaluation']);
    const stop = new AbortController();
    const running = fitFlow(problem, SMALL, {
      signal: stop.signal,
      pause: async () => {},
      onProgress: ({ step }) => step > 0 && stop.abort(new Error('enough')),
    });
    await expect(running).rejects.toThrow('enough');
  });

  it('from a start shifted by 5 is as good as from the default', async () => {
    const model = linear(false);
    const result = await fitFlow({ model, parameters: parameterValues(model), paths: [path] }, { ...SMALL, startShift: 5 });
    expect(result.restarts[0].start).toContain('shifted by 5');
    expect(result.certificate.natsAbovePenalisedOptimum).toBeLessThan(1.5);
  });

  it('leaves a model that can be simulated', async () => {
    const model = linear(false);
    const parameters = parameterValues(model);
    const { reducedModel, drift } = await fitFlow({ model, parameters, paths: [path] }, { ...SMALL, flow: 'none' });
    if (reducedModel === null) throw new Error('one slow component has a reduced model');
    const equations = averagedEquation(model, { kind: 'grid', axes: reducedModel.axes, tables: 'fitted' });
    const program = coupledProgram({ members: [{ name: 'm', equations, scheme: SCHEMES.get('euler-maruyama') as Scheme, substeps: 1 }] });
    const states: Record<string, Float64Array> = { 'm.x': Float64Array.of(drift.at[5][0]) };
    const tables = Object.fromEntries(Object.entries(reducedModel.tables).map(([name, table]) => [tableUniform('fitted', name), table]));
    const uniforms = { ...parameterUniforms(new Map(Object.entries(reducedModel.parameters))), ...tables, epsilon: Float64Array.of(1) };
    const run = (dt: number, x: number): number => {
      states['m.x'][0] = x;
      expect(
        simulate({ kernel: kernelOf(program), from: 0, to: 1, steps: 1, dt, uniforms, states, streams: openStreams(program, ['reduced'], 0, 1) }),
      ).toEqual([]);
      return states['m.x'][0];
    };
    // the same noise over dt and 4 dt: (x(4 dt) - x) - 2 (x(dt) - x) = 2 dt b
    const x = drift.at[5][0];
    const slope = (run(4e-4, x) - x - 2 * (run(1e-4, x) - x)) / 2e-4;
    expect(Math.abs(slope - drift.estimate[5][0])).toBeLessThan(1e-6);
  });

  it('refuses what it cannot use', async () => {
    const model = linear(false);
    const problem = { model, parameters: parameterValues(model), paths: [path] };
    await expect(fitFlow(problem, { blocks: 1 })).rejects.toThrow('blocks must be a whole number ≥ 2, got 1');
    await expect(fitFlow(problem, { reference: { scale: [0] } })).rejects.toThrow('reference.scale must be finite and above 0, got 0');
    await expect(fitFlow(problem, { reference: { mean: [0, 1] } })).rejects.toThrow('must have 1 numbers');
    await expect(fitFlow(problem, { flow: 'none', penalties: [{ kind: 'entropy', weight: 1 }] })).rejects.toThrow('must go with a flow');
    const still = read({ slow: { x: { drift: '-x', noise: 1 } } });
    await expect(fitFlow({ model: still, parameters: new Map(), paths: [path] })).rejects.toThrow('must have a fast variable');
  });

  it('calls a run that leaves the numbers diverged, with its step', async () => {
    const model = linear(false);
    const problem = { model, parameters: parameterValues(model), paths: [path] };
    await expect(fitFlow(problem, { ...SMALL, optimiser: { steps: 50, learningRate: 1e30 } })).rejects.toMatchObject({
      name: 'FitDivergedError',
      restarts: expect.arrayContaining([expect.objectContaining({ status: 'diverged' })]),
    });
  });
});
