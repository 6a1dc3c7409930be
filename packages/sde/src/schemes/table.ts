/** The schemes, by name. A new one is one file, one line here and one row of docs/schemes.md. */
import { baoab } from './baoab.ts';
import { driftImplicitEuler } from './driftImplicitEuler.ts';
import { eulerMaruyama } from './eulerMaruyama.ts';
import { exponentialEuler } from './exponentialEuler.ts';
import { heterogeneousMultiscale } from './heterogeneousMultiscale.ts';
import { milstein } from './milstein.ts';
import { projectiveIntegration } from './projectiveIntegration.ts';
import type { Scheme } from './scheme.ts';
import { splitStepEuler } from './splitStepEuler.ts';
import { stochasticHeun } from './stochasticHeun.ts';
import { strongThreeHalves } from './strongThreeHalves.ts';
import { tamedEuler } from './tamedEuler.ts';
import { truncatedEuler } from './truncatedEuler.ts';
import { weakTwo } from './weakTwo.ts';

/** All schemes by name. */
export const SCHEMES: ReadonlyMap<string, Scheme> = new Map(
  [
    eulerMaruyama,
    tamedEuler,
    truncatedEuler(),
    milstein,
    stochasticHeun,
    strongThreeHalves,
    weakTwo,
    driftImplicitEuler,
    splitStepEuler,
    exponentialEuler,
    baoab,
    projectiveIntegration(),
    heterogeneousMultiscale(),
  ].map((scheme) => [scheme.name, scheme]),
);
