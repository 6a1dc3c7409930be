/** Values of axes: their kinds, checked; their order; how messages show them. */
import { describe, didYouMean, listed, quoted } from '@ergoflow/input';
import type { AxisRule, ValueKind } from './known.ts';

/** A value of an axis. */
export type AxisValue = number | string | boolean;

const NEEDED: Readonly<Record<ValueKind, string>> = {
  positive: 'a number above 0',
  nonnegative: 'a number of at least 0',
  number: 'a number',
  whole: 'a whole number of at least 1',
  truth: 'true or false',
  scheme: 'text',
  text: 'text',
};

/** True if an axis has numbers, so that text in it is a formula. */
export function isNumeric(rule: AxisRule): boolean {
  return rule.kind !== 'truth' && rule.kind !== 'text' && rule.kind !== 'scheme';
}

/** Says what is wrong with a value, such as `is -1: a number above 0 is needed`; null if nothing is. */
export function valueProblem(rule: AxisRule, value: unknown): string | null {
  if (!isOfKind(rule.kind, value)) return `is ${describe(value)}: ${NEEDED[rule.kind]} is needed`;
  if (rule.oneOf !== undefined && !rule.oneOf.includes(value as string)) {
    return `is ${quoted(String(value))}: allowed are ${listed(rule.oneOf)}${didYouMean(String(value), rule.oneOf)}`;
  }
  const problem = rule.problem?.(value) ?? null;
  return problem === null ? null : `is ${describe(value)}: ${problem}`;
}

function isOfKind(kind: ValueKind, value: unknown): boolean {
  switch (kind) {
    case 'text':
    case 'scheme':
      return typeof value === 'string' && value !== '';
    case 'truth':
      return typeof value === 'boolean';
    default: {
      if (typeof value !== 'number' || !Number.isFinite(value)) return false;
      return (
        kind === 'number' ||
        (kind === 'positive' && value > 0) ||
        (kind === 'nonnegative' && value >= 0) ||
        (kind === 'whole' && Number.isInteger(value) && value >= 1)
      );
    }
  }
}

/** Orders values: false, true, numbers ascending, text by code point. */
export function compareValues(a: AxisValue, b: AxisValue): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  return rank(a) - rank(b) || Number(a) - Number(b);
}

/** Orders text by code point, as UTF-8 bytes and other languages order it (UTF-16 units differ above U+FFFF). */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  let k = 0;
  while (k < a.length && a[k] === b[k]) k += 1;
  // Step back if the first difference is inside a surrogate pair.
  if (k > 0 && isHighSurrogate(a.charCodeAt(k - 1))) k -= 1;
  return (a.codePointAt(k) ?? -1) - (b.codePointAt(k) ?? -1);
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00;
}

function rank(value: AxisValue): number {
  return typeof value === 'boolean' ? 0 : typeof value === 'number' ? 1 : 2;
}
