/** Input: what a person wrote, with the place of every part. */
export { check } from './check.ts';
export { describe, listed, quoted } from './describe.ts';
export { type Document, documentOf, LIMITS, type PlaceNode, valueAt, withoutValue, withValue } from './document.ts';
export { InputError } from './inputError.ts';
export { isForbiddenKey } from './keys.ts';
export { didYouMean, nearest } from './nearest.ts';
export { formatPath, formatPlace, type Path, type Place } from './place.ts';
export { readYaml } from './readYaml.ts';
export { readYamlFile } from './readYamlFile.ts';
