/** Apache Arrow, loaded with the first table: most commands have none, and loading takes longer than all else that they do. */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** Gives the library. */
export const arrow = (): typeof import('apache-arrow') => require('apache-arrow');
