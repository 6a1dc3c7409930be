/** The studies, by name. A new one is one file and one line here. */
import { fitFlow } from '@ergoflow/inference';
import { averagingError } from './averagingError/averagingError.ts';
import { makeFitStudy } from './fit/fitStudy.ts';
import { makeRecoveryStudy } from './recovery/recoveryStudy.ts';
import { simulateStudy } from './simulate/simulateStudy.ts';
import { stepSize } from './stepSize/stepSize.ts';
import type { Study } from './study.ts';

const [fit, recovery] = [makeFitStudy(fitFlow), makeRecoveryStudy(fitFlow)];

/** All studies by name. */
export const STUDIES: ReadonlyMap<string, Study> = new Map(
  [averagingError, fit, recovery, simulateStudy, stepSize].map((study) => [study.name, study]),
);
