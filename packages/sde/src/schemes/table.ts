/** The schemes, by name. A new one is one file and one line here. */
import { eulerMaruyama } from './eulerMaruyama.ts';
import type { Scheme } from './scheme.ts';

/** All schemes by name. */
export const SCHEMES: ReadonlyMap<string, Scheme> = new Map([eulerMaruyama].map((scheme) => [scheme.name, scheme]));
