/**
 * Decimal numbers from bytes, the same as `Number` of their text.
 *
 * With at most 15 digits and a power of ten up to 10^22 one division gives the nearest double (Clinger 1990). With at most 19 the quotient is made with a
 * second part (Dekker 1971: products and remainders without error), and its rounding taken where it is beyond doubt. The rest is left to `Number`.
 */

/** Is given back where the bytes are no finite decimal number: what they are is for the caller to find out. */
export const NOT_DECIMAL: unique symbol = Symbol('not a decimal number');

const POWERS = Float64Array.from({ length: 23 }, (_, k) => Number(`1e${k}`));
const [ZERO, NINE, POINT, MINUS, PLUS] = [48, 57, 46, 45, 43];

/** Reads the number in bytes [from, to), which have no blanks around them. */
export function parseDecimal(bytes: Buffer, from: number, to: number): number | typeof NOT_DECIMAL {
  let at = from;
  const isNegative = bytes[at] === MINUS;
  if (isNegative || bytes[at] === PLUS) at++;
  const first = at;
  let point = -1;
  let digits = 0;
  // The first 15 digits and the next 4, zeros in front apart.
  let high = 0;
  let low = 0;
  for (; at < to; at++) {
    const digit = bytes[at] - ZERO;
    if (digit >= 0 && digit <= NINE - ZERO) {
      if (digits < 15) {
        high = high * 10 + digit;
        if (high > 0) digits++;
      } else {
        low = low * 10 + digit;
        digits++;
      }
    } else if (bytes[at] === POINT && point < 0) point = at;
    else break;
  }
  const decimals = point < 0 ? 0 : at - point - 1;
  if (at === to && digits <= 19 && decimals <= 22 && at - first > (point < 0 ? 0 : 1)) {
    const value = digits <= 15 ? high / POWERS[decimals] : quotient(high, POWERS[digits - 15], low, POWERS[decimals]);
    if (!Number.isNaN(value)) return isNegative ? -value : value;
  }
  const text = bytes.toString('latin1', from, to);
  // Number also takes hexadecimal, blanks, Infinity and nothing at all.
  const value = DECIMAL.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : NOT_DECIMAL;
}

const DECIMAL = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/;

/** Splits a double of 53 bits into two of 26. */
const SPLITTER = 2 ** 27 + 1;
const HALF = 2 ** 25;

/** (high·scale + low)/divisor, rounded to nearest; NaN where a tie is too near to tell. high < 10^15, scale ≤ 10^4. */
function quotient(high: number, scale: number, low: number, divisor: number): number {
  const upper = Math.floor(high / HALF);
  const a = upper * scale * HALF;
  const b = (high - upper * HALF) * scale + low;
  const top = a + b;
  const back = top - a;
  const topError = a - (top - back) + (b - back);
  const first = top / divisor;
  const [f, d] = [first * SPLITTER, divisor * SPLITTER];
  const [f1, d1] = [f - (f - first), d - (d - divisor)];
  const [f2, d2] = [first - f1, divisor - d1];
  const product = first * divisor;
  const productError = f1 * d1 - product + f1 * d2 + f2 * d1 + f2 * d2;
  const second = (top - product - productError + topError) / divisor;
  const doubt = Math.abs(second) * 2 ** -40 + first * 2 ** -96;
  return first + (second - doubt) === first + (second + doubt) ? first + second : Number.NaN;
}
