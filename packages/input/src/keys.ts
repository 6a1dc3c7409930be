/** Names that no key of a document may have: they mean something to every JavaScript object. */

const FORBIDDEN: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype));

/** True for `constructor`, `__proto__`, `toString` and the other members of Object.prototype. */
export function isForbiddenKey(key: string): boolean {
  return FORBIDDEN.has(key);
}
