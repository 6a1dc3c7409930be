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
 * @throws RangeError for numbers that are not finite and for what is not JSON.
 */
export function canonicalJson(value: Json): string {
  check(value);
  return canonicalize(value) as string;
}

function check(value: unknown): void {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError(`numbers that identify a task must be finite, got ${value}`);
  if (value === undefined || typeof value === 'bigint' || typeof value === 'function')
    throw new RangeError(`what identifies a task must be JSON, got ${typeof value}`);
  if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) check(part);
}

/** SHA-256 in hexadecimal. */
export const digest = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex');

/** Identity of a work, its number of replicates apart. */
export function workId(work: Work, identity: CodeIdentity): string {
  const { study, version, code } = identity;
  return digest(
    canonicalJson({
      study,
      version,
      code,
      kind: work.kind,
      parameters: work.parameters,
      needs: work.needs.map((need) => `${workId(need, identity)}:${need.replicates}`),
    }),
  );
}
