/** Plain data as YAML 1.2: block style, text in quotes unless it is a plain word. */
import type { Json } from '../work.ts';

/** Words that YAML readers take for something else than text. */
const SPECIAL = /^(true|false|null|yes|no|on|off|y|n|inf|nan)$/i;

/** Characters that JSON leaves as they are and YAML does not (YAML 1.2 §5.1), or that look like nothing or a line end. */
const UNPRINTABLE = /[\u007f-\u00a0\u2028\u2029\ufeff\ufffe\uffff]/g;

/** Writes data as YAML that reads back as the same data. @param value Finite numbers only. */
export function yamlText(value: Json): string {
  return `${block(value, '').trimStart()}\n`;
}

function block(value: Json, indent: string): string {
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    if (value.every((item) => typeof item !== 'object' || item === null)) return `[${value.map(scalar).join(', ')}]`;
    return value.map((item) => `\n${indent}- ${block(item, `${indent}  `).trimStart()}`).join('');
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value);
    if (entries.length === 0) return '{}';
    return entries
      .map(([key, item]) => {
        const text = block(item, `${indent}  `);
        return `\n${indent}${scalar(key)}:${text.startsWith('\n') ? text : ` ${text}`}`;
      })
      .join('');
  }
  return scalar(value);
}

function scalar(value: Json): string {
  if (typeof value === 'string' && /^[A-Za-z][\w./-]*$/.test(value) && !SPECIAL.test(value)) return value;
  // Whole numbers beyond 2^53 are refused where they are written as such.
  if (typeof value === 'number' && Math.abs(value) >= 2 ** 53) return value.toExponential();
  return JSON.stringify(value).replace(UNPRINTABLE, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
