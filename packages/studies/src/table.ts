/** The studies, by name. A new one is one file and one line here. */
import { averagingError } from './averagingError/averagingError.ts';
import { simulateStudy } from './simulate/simulateStudy.ts';
import type { Study } from './study.ts';

/** All studies by name. */
export const STUDIES: ReadonlyMap<string, Study> = new Map([averagingError, simulateStudy].map((study) => [study.name, study]));
