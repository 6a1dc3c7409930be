/** Densities of splines in two dimensions, whose kinks need a fine grid. */
import { describe, expect, it } from 'vitest';
import { evaluateFlow } from './evaluateFlow.ts';
import { scatteredWeights } from './fixtures/bijectionCase.ts';
import { integral, sinhRule } from './fixtures/quadrature.ts';
import { SPECS } from './fixtures/specs.ts';
import { flowOf } from './flowOf.ts';

const SPLINES = Object.entries(SPECS).filter(([, spec]) => spec.family === 'spline' || spec.transformer === 'spline');

describe.each(SPLINES)('%s', (name, spec) => {
  it('integrates to 1 in two dimensions: within 1e-4, the nearer the finer the grid', () => {
    const flow = flowOf(spec, 2);
    const evaluation = evaluateFlow(flow, scatteredWeights(flow.weights, name, 0.3), { block: 1024 });
    const errors = [0.1, 0.05, 0.025].map((step) => {
      const rule = sinhRule(2, 6, step);
      return Math.abs(integral(rule, evaluation.logDensity(rule.points)) - 1);
    });
    expect(errors[2]).toBeLessThan(1e-4);
    expect(errors[2]).toBeLessThan(errors[0] / 4);
  });
});
