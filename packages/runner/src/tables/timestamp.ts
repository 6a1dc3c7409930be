/** Timestamps (ISO 8601) as seconds. */

const ISO = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d+))?)?\s*(Z|[-+]\d\d:?\d\d)?$/i;

/** A time in whole seconds since 1970 in UTC, and the fraction of a second, so that nothing of the fraction is lost to a large number. */
export interface Instant {
  readonly seconds: number;
  readonly fraction: number;
}

/** Reads a timestamp such as 2024-03-01, 2024-03-01 12:00 or 2024-03-01T12:00:00.25+01:00; without a zone it is in UTC. Null if it is none. */
export function parseTimestamp(text: string): Instant | null {
  const match = ISO.exec(text.trim());
  if (match === null) return null;
  const [, day, clock = '00:00:00', fraction = '', zone = 'Z'] = match;
  const milliseconds = Date.parse(
    `${day}T${clock.length === 5 ? `${clock}:00` : clock}${/^z$/i.test(zone) ? 'Z' : zone.replace(/(\d\d):?(\d\d)/, '$1:$2')}`,
  );
  if (Number.isNaN(milliseconds)) return null;
  return { seconds: milliseconds / 1000, fraction: fraction === '' ? 0 : Number(`0.${fraction}`) };
}
