/** Equations mean the same in a training graph as in a simulation. */
import { describe, expect, it } from 'vitest';
import { lower } from '../expression/lower.ts';
import { parseExpression } from '../expression/parse.ts';
import { FUNCTIONS } from '../functions/table.ts';
import { graphBuilder } from '../graph.ts';
import { scalarOf } from '../scalar.ts';
import { compileTraining } from './compileTraining.ts';
import { tensorsOf } from './fromGraph.ts';
import { tensorBuilder } from './tensor.ts';
import { trainingProgram } from './trainingProgram.ts';

const POINTS = [-2.5, -1, -0.3, 0, 0.2, 0.9, 1, 3.7];

function trained(text: string, x: number, y: number): number {
  const graph = graphBuilder({ keepFunctions: true });
  const scope = { lookup: (name: string) => graph.state(name), sizeOf: () => undefined, known: ['x', 'y'] };
  const g = tensorBuilder();
  const shape = { lanes: false, rows: 1, columns: 1 };
  const [value] = tensorsOf(g, [lower(parseExpression(text), graph, scope)], (leaf) => g.input(leaf.name, shape));
  const kernel = compileTraining(trainingProgram({ value }), { precision: 'float64', target: 'reference' });
  for (const [name, given] of Object.entries({ x, y })) kernel.inputs[name]?.set([given]);
  kernel.run();
  return kernel.outputs.value[0];
}

function simulated(text: string, x: number, y: number): number {
  const build = scalarOf(
    (g, a, b) => lower(parseExpression(text), g, { lookup: (name) => (name === 'x' ? a : b), sizeOf: () => undefined, known: [] }),
    2,
  );
  return build(x, y);
}

describe('a training graph of equations', () => {
  const calls = Object.entries(FUNCTIONS).map(([name, { arity }]) => (arity === 1 ? `${name}(x)` : `${name}(x, y, 0.5)`));
  it.each([...calls, 'x^y', 'x^1.5', 'x^-3', 'x^0.5', 'if(x < y and not (x == 1), x*y, x/y)', 'if(x >= 0 or y > 1, 1, -1)'])(
    '%s has the value of the simulation',
    (text) => {
      for (const x of POINTS) {
        for (const y of POINTS) {
          const [a, b] = [trained(text, x, y), simulated(text, x, y)];
          if (Number.isFinite(b)) expect(Math.abs(a - b), `x ${x}, y ${y}: ${a}, ${b}`).toBeLessThanOrEqual(1e-13 * Math.max(1, Math.abs(b)));
          else expect(a, `x ${x}, y ${y}`).toBe(b);
        }
      }
    },
  );

  it('keeps a vector of particles over the nodes of a grid', () => {
    const graph = graphBuilder({ keepFunctions: true });
    const scope = {
      lookup: (name: string) => graph.state(name, name === 'y' ? 3 : 1),
      sizeOf: (name: string) => (name === 'y' ? 3 : undefined),
      known: ['x', 'y'],
    };
    const g = tensorBuilder();
    const [force] = tensorsOf(g, [lower(parseExpression('sum((x - y)*exp(-(x - y)^2))'), graph, scope)], (leaf) =>
      leaf.name === 'y' ? g.input('y', { lanes: true, rows: 3, columns: 1 }) : g.input('x', { lanes: false, rows: 1, columns: 5 }),
    );
    const kernel = compileTraining(trainingProgram({ force }), { precision: 'float64', target: 'reference' });
    kernel.inputs.x.set([-1, -0.5, 0, 0.5, 1]);
    for (let k = 0; k < 48; k++) kernel.inputs.y[k] = Math.sin(k);
    kernel.run();
    for (let column = 0; column < 5; column++) {
      for (let lane = 0; lane < 16; lane++) {
        const x = kernel.inputs.x[column];
        const expected = [0, 1, 2].reduce((total, row) => {
          const d = x - Math.sin(row * 16 + lane);
          return total + d * Math.exp(-d * d);
        }, 0);
        expect(kernel.outputs.force[column * 16 + lane]).toBeCloseTo(expected, 13);
      }
    }
  });
});
