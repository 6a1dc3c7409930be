import { documentOf } from '@ergoflow/input';
import { parameterValues, readModel } from '@ergoflow/sde';
import { describe, expect, it } from 'vitest';
import { candidatePoints } from '../convex/candidates.ts';
import { transitionsOf } from '../data/transitions.ts';
import { chooseNodes } from './choose.ts';
import { chooseBinnedNodes } from './chooseBinned.ts';

const read = (data: unknown) => readModel(documentOf(data as never));
const visited = Float64Array.from({ length: 5000 }, (_, k) => 2 * Math.sin(k));
const probes = candidatePoints({ dimension: 1, count: 32, seed: ['probes'] });
const line = (drift: string, noise = '1') => read({ slow: { x: { drift, noise } }, fast: { y: { drift: '-y', noise: 1 } } });

const choose = (drift: string) => {
  const model = line(drift);
  return chooseNodes({ model, parameters: parameterValues(model), visited: [visited], probes });
};

describe('the choice of nodes', () => {
  it('takes few Chebyshev nodes where the equations are smooth in the slow variable', () => {
    const { nodes, measured, about } = choose('(x - x^3)/(1 + y^2)');
    expect(nodes).toMatchObject({ kind: 'chebyshev', count: 8 });
    expect(measured[0].error).toBeLessThan(1e-14);
    expect(about).toMatch(/^8 Chebyshev nodes/);
  });

  it('takes local nodes where a kink stops Chebyshev’s, and says so', () => {
    const { nodes, measured, about } = choose('-x + max(0, 1 - abs(x - y))');
    expect(nodes?.kind).toBe('cubic');
    const chebyshev = measured.filter(({ kind }) => kind === 'chebyshev');
    expect(Math.min(...chebyshev.map(({ error }) => error))).toBeGreaterThan(1e-3);
    expect(measured[measured.length - 1].error).toBeLessThanOrEqual(1e-3);
    expect(about).toMatch(/64 Chebyshev nodes miss it by .* not smooth/);
  });

  it('takes none where neither is good enough, and says so', () => {
    const { nodes, about } = choose('sin(400*x)*y');
    expect(nodes).toBeNull();
    expect(about).toMatch(/^No nodes: even 512 local cubic nodes miss/);
  });

  it('measures what it claims: the largest rms error of a probe, relative to the largest rms value', () => {
    // One probe and one node too few: f = x⁸ on 8 nodes has the error of the node polynomial.
    const model = line('x^8');
    const { measured } = chooseNodes({ model, parameters: new Map(), visited: [visited], probes: [Float64Array.of(0)], tolerance: 1 });
    const every = visited.filter((_, k) => k % 12 === 0);
    const u = Float64Array.from({ length: 8 }, (_, i) => -Math.cos((Math.PI * i) / 7));
    const [low, high] = [Math.min(...visited), Math.max(...visited)];
    const middle = (low + high) / 2;
    const nodes = u.map((value) => middle + (value * (high - low)) / 2);
    const rms = (f: (x: number) => number): number => Math.sqrt(every.reduce((sum, x) => sum + f(x) ** 2, 0) / every.length);
    const expected = rms((x) => nodes.reduce((product, node) => product * (x - node), 1)) / rms((x) => x ** 8);
    expect(measured[0].error).toBeCloseTo(expected, 8);
  });

  it('has a grid in two dimensions and none in four', () => {
    const names = ['x', 'z', 'u', 'v'];
    const model = (dimension: number) =>
      read({
        slow: Object.fromEntries(
          names.slice(0, dimension).map((name, k) => [name, { drift: `-${name} + y*${names[(k + 1) % dimension]}^2`, noise: 1 }]),
        ),
        fast: { y: { drift: '-y', noise: 1 } },
      });
    const states = (dimension: number) => names.slice(0, dimension).map((_, c) => visited.map((x, k) => x + Math.cos(k * (c + 2))));
    const flat = chooseNodes({ model: model(2), parameters: new Map(), visited: states(2), probes });
    expect(flat.nodes).toMatchObject({ kind: 'cubic', counts: [8, 8] });
    expect(chooseNodes({ model: model(4), parameters: new Map(), visited: states(4), probes }).about).toMatch(/^No nodes: a grid in more than 3/);
  });
});

describe('the choice of nodes for binning', () => {
  const times = Float64Array.from({ length: 6001 }, (_, k) => 0.02 * k);
  const x = times.map((time, k) => Math.sin(0.7 * time) + 0.1 * Math.sin(k * k));
  const transitions = transitionsOf([{ times, values: [x] }]);

  it('reaches its tolerance where the noise is smooth in the slow variable, and not where it is rough', () => {
    const choiceOf = (noise: string) => {
      const model = line('-x + y', noise);
      return chooseBinnedNodes({ model, parameters: new Map(), transitions, probes });
    };
    const smooth = choiceOf('sqrt(1 + x^2/4)*(1 + y^2)');
    expect(smooth.nodes?.kind).toBe('cubic');
    expect(smooth.about).toMatch(/the likelihood is known to .* nats/);
    expect(choiceOf('1.1 + sin(1000*x + y)').nodes).toBeNull();
  });
});
