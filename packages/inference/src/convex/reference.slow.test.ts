/** The reference systems: the drift error of the best law, and what is said about the information in the data. */
import { parameterValues } from '@ergoflow/sde';
import { assertProportion } from '@ergoflow/testing';
import { describe, expect, it } from 'vitest';
import { transitionsOf } from '../data/transitions.ts';
import { averagedPaths, CLOSED_DRIFTS, driftError, shippedModel, stationaryLaw } from '../fixtures/averagedPaths.ts';
import { informationOf } from '../information/information.ts';
import { bestLaw, nodeStatistics } from './bestLaw.ts';
import { coefficientTable, fastDimension } from './coefficientTable.ts';

const SETS = 24;

function fits(name: string, length: number, sets = SETS) {
  const model = shippedModel(name);
  const parameters = parameterValues(model);
  const law = stationaryLaw(CLOSED_DRIFTS[name], parameters.get('sigma') as number);
  return averagedPaths(model, sets, length, 0.02, 1).map((path) => {
    const gathered = nodeStatistics({ model, parameters, transitions: transitionsOf([path]), seed: ['reference'] });
    if (gathered.kind !== 'quadratic') throw new TypeError('the statistics must be quadratic');
    const best = bestLaw({ model, parameters, gathered, seed: ['reference'] });
    const information = informationOf({
      statistics: gathered.statistics,
      coefficients: coefficientTable(model, parameters, gathered.nodes.points, 'drift'),
      dimension: fastDimension(model),
      seed: ['reference'],
      best,
    });
    return { best, information, error: driftError(law, model, best) };
  });
}

describe('the best law of the reference systems', () => {
  // Mean drift errors of an independent implementation (six data sets each).
  it.each([
    ['double-well', 1000, 1.3e-2],
    ['double-well', 15_000, 1.5e-3],
    ['tagged-particle', 1000, 6.1e-1],
    ['tagged-particle', 15_000, 1.2e-2],
  ])('of %s, %i transitions, has a mean drift error of at most %f and two of its own standard errors, and closes its gap', (name, length, figure) => {
    const made = fits(name, length);
    for (const { best } of made) expect(best).toMatchObject({ converged: true, isCertificate: true });
    const mean = made.reduce((sum, { error }) => sum + error, 0) / SETS;
    const spread = made.reduce((sum, { error }) => sum + (error - mean) ** 2, 0) / (SETS - 1);
    expect(mean).toBeLessThan(figure + 2 * Math.sqrt(spread / SETS));
  });

  it('says of tagged-particle that T = 2 cannot support a fit and T = 300 can', () => {
    const informative = (length: number): number => fits('tagged-particle', length, 40).filter(({ information }) => information.isInformative).length;
    // False-alarm rate 1e-6 each. The drift gives 0.65 nats on average at T = 2; claims in 0.85 of cases would be seen, and silence in 0.45 at T = 300.
    assertProportion(informative(100), 40, 0.1, { detects: 0.75 }, 'atMost');
    assertProportion(informative(15_000), 40, 0.99, { detects: 0.6 }, 'atLeast');
  });
});
