/** Numbers for reading: as many digits as their interval supports. */

/** Writes an estimate so that its half-width has two digits: 0.0512 ± 0.0013. */
export function withError(estimate: number, low: number, high: number): string {
  const half = (high - low) / 2;
  if (!Number.isFinite(estimate)) return 'none';
  if (!(half > 0)) return significant(estimate, 6);
  const digits = Math.max(0, 1 - Math.floor(Math.log10(half)));
  const isSmall = Math.max(Math.abs(estimate), half) < 1e-3;
  if (isSmall || digits > 10 || half >= 1000) {
    const exponent = Math.floor(Math.log10(Math.max(Math.abs(estimate), half)));
    const scale = 10 ** exponent;
    const places = Math.min(15, Math.max(0, 1 - Math.floor(Math.log10(half / scale))));
    return `(${(estimate / scale).toFixed(places)} ± ${(half / scale).toFixed(places)})e${exponent}`;
  }
  return `${estimate.toFixed(digits)} ± ${half.toFixed(digits)}`;
}

/** Writes a number with so many significant digits, without trailing zeros. */
export function significant(x: number, digits = 3): string {
  return Number.isFinite(x) ? Number(x.toPrecision(digits)).toString() : String(x);
}

/** Writes the value of an axis for reading: numbers with six digits. */
export function axisText(value: unknown): string {
  return typeof value === 'number' ? significant(value, 6) : value === undefined ? '' : String(value);
}
