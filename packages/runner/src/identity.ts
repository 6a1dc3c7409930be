/** Identity by meaning: the digest of canonical JSON (RFC 8785). */
import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Json, Work } from './work.ts';

/** What makes results of equal parameters differ: the study and its code. */
export interface CodeIdentity {
  readonly study: string;
  readonly version: number;
  /** Digest of the code that computes. */
  readonly code: string;
}

/**
 * Writes JSON so that equal data give equal text: keys in order, numbers in shortest form, -0 as 0.
 *
 * @throws RangeError for numbers that are not finite, text with half a surrogate pair, and what is not JSON: undefined, class instances, holes in lists.
 */
export function canonicalJson(value: Json): string {
  check(value);
  return canonicalize(value) as string;
}

function check(value: unknown): void {
  const refuse = (found: string): never => {
    throw new RangeError(`what identifies a task, or is its answer, must be JSON, got ${found}`);
  };
  switch (typeof value) {
    case 'boolean':
      return;
    case 'number':
      if (!Number.isFinite(value)) refuse(`the number ${value}`);
      return;
    case 'string':
      if (/\p{Surrogate}/u.test(value)) refuse('text with half a surrogate pair');
      return;
    case 'object': {
      if (value === null) return;
      if (Array.isArray(value)) return void Array.from(value, check);
      const prototype: unknown = Object.getPrototypeOf(value);
      if (prototype !== Object.prototype && prototype !== null) refuse('an instance of a class');
      for (const [key, part] of Object.entries(value)) {
        check(key);
        check(part);
      }
      return;
    }
    default:
      refuse(typeof value);
  }
}

/** SHA-256 in hexadecimal. */
export const digest = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex');

/**
 * Makes the function that gives a work's identity: of what it computes and of what it needs, with how many replicates; its own number of replicates, block
 * size and cost apart. Each work, as an object, is digested once.
 */
export function workIds({ study, version, code }: CodeIdentity): (work: Work) => string {
  const known = new WeakMap<Work, string>();
  const idOf = (work: Work): string => {
    const id = known.get(work) ?? digestOf(work);
    known.set(work, id);
    return id;
  };
  const digestOf = ({ kind, parameters, needs }: Work): string =>
    digest(canonicalJson({ study, version, code, kind, parameters, needs: needs.map((need) => `${idOf(need)}:${need.replicates}`) }));
  return idOf;
}
