/** Where a worker begins, and what it says when it ends. */
import type { Readable } from 'node:stream';

/** Address of a module of this folder: in TypeScript from source, in JavaScript once built. */
export const workerFile = (name: string): string => new URL(`./${name}${import.meta.url.slice(-3)}`, import.meta.url).href;

/** Characters of standard error that are kept: the end of a stack, or of what V8 says of a full heap. */
const KEPT = 4000;

/** Reads a worker's standard error and keeps its end; the function gives it. */
export function lastWords(stderr: Readable): () => string {
  let words = '';
  stderr.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-KEPT);
  });
  return () => words;
}
