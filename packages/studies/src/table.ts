/** The studies, by name. A new one is one file and one line here. */
import { averagingError } from './averagingError/averagingError.ts';
import { simulateStudy } from './simulate/simulateStudy.ts';
import { stepSize } from './stepSize/stepSize.ts';
import type { Study } from './study.ts';

/** All studies by name. */
export const STUDIES: ReadonlyMap<string, Study> = new Map([averagingError, simulateStudy, stepSize].map((study) => [study.name, study]));
