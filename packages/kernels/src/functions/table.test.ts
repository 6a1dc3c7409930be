import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scalarFunction } from '../scalar.ts';
import { worstOf } from './fixtures/measure.ts';
import { erf, erfc, exactly, TRUTH } from './fixtures/truth.ts';
import { FUNCTIONS } from './table.ts';

/** The functions that are exact in every bit. */
const EXACT = ['abs', 'min', 'max', 'sign', 'floor'];

for (const name of Object.keys(FUNCTIONS).filter((candidate) => !EXACT.includes(candidate))) {
  test(`${name} keeps its bound of ${FUNCTIONS[name].ulp} ulp, at its edges and at the worst of 50,000 points`, () => {
    expect(Object.keys(TRUTH)).toContain(name);
    const { ulp, measured } = worstOf(name, 50_000, 700);
    expect(measured).toBeGreaterThan(1300);
    expect(ulp).toBeLessThanOrEqual(FUNCTIONS[name].ulp);
  });
}

describe('the truth', () => {
  test('of erf has the digits of published tables', () => {
    // Abramowitz & Stegun, table 7.1; Wolfram MathWorld for erf 1 to 20 digits (OEIS A099286).
    expect(erf(exactly(0.5)).toFixed(10)).toBe('0.5204998778');
    expect(erf(exactly(1)).toFixed(20)).toBe('0.84270079294971486934');
    expect(erf(exactly(2)).toFixed(10)).toBe('0.9953222650');
  });

  test('of erf by its series agrees with the continued fraction of its complement', () => {
    for (const x of [2, 2.5, 3.7, 5, 6]) {
      const sum = erf(exactly(x)).plus(erfc(exactly(x)));
      expect(sum.minus(1).abs().toNumber()).toBeLessThan(1e-40);
    }
  });

  test('takes float64 values for what they are', () => {
    expect(exactly(0.1).toPrecision(40)).toBe('0.1000000000000000055511151231257827021182');
    expect(exactly(Number.MIN_VALUE).toPrecision(20)).toBe('4.9406564584124654418e-324');
    expect(exactly(-Number.MAX_VALUE).toNumber()).toBe(-Number.MAX_VALUE);
  });
});

/** Arguments and value, in ISO C99's annex F.9; minimum and maximum let NaN through (IEEE 754-2019, 9.6). */
const SPECIAL: Readonly<Record<string, string>> = {
  exp: '0 1; -0 1; -Infinity 0; Infinity Infinity; NaN NaN; -746 0; -1e308 0; 709.79 Infinity; 1e308 Infinity',
  log: '0 -Infinity; -0 -Infinity; 1 0; -1 NaN; -5e-324 NaN; -Infinity NaN; Infinity Infinity; NaN NaN',
  sqrt: '0 0; -0 -0; -1 NaN; -Infinity NaN; Infinity Infinity; NaN NaN; 4 2',
  abs: '0 0; -0 0; -3 3; -Infinity Infinity; NaN NaN',
  sin: '0 0; -0 -0; Infinity NaN; -Infinity NaN; NaN NaN; 5e-324 5e-324',
  cos: '0 1; -0 1; Infinity NaN; -Infinity NaN; NaN NaN; 5e-324 1',
  tan: '0 0; -0 -0; Infinity NaN; -Infinity NaN; NaN NaN; 5e-324 5e-324',
  tanh: '0 0; -0 -0; Infinity 1; -Infinity -1; NaN NaN; 5e-324 5e-324; 1e308 1; -20 -1',
  sinh: '0 0; -0 -0; Infinity Infinity; -Infinity -Infinity; NaN NaN; 5e-324 5e-324; 711 Infinity; -1e308 -Infinity',
  cosh: '0 1; -0 1; Infinity Infinity; -Infinity Infinity; NaN NaN; 5e-324 1; -711 Infinity; 1e308 Infinity',
  atan: `0 0; -0 -0; Infinity ${Math.PI / 2}; -Infinity ${-Math.PI / 2}; NaN NaN; 5e-324 5e-324; 1e308 ${Math.PI / 2}`,
  erf: '0 0; -0 -0; Infinity 1; -Infinity -1; NaN NaN; -6 -1; 1e308 1',
  min: '1 2 1; 2 1 1; NaN 1 NaN; 1 NaN NaN; Infinity -Infinity -Infinity; 3 1 2 1; 3 NaN 2 NaN',
  max: '1 2 2; 2 1 2; NaN 1 NaN; 1 NaN NaN; Infinity -Infinity Infinity; 1 3 2 3; 3 NaN 4 NaN',
  sign: '0 0; -0 -0; 5e-324 1; -5e-324 -1; Infinity 1; -Infinity -1; NaN NaN',
  floor: '0 0; -0 -0; 0.5 0; -0.5 -1; 2 2; -1e308 -1e308; Infinity Infinity; -Infinity -Infinity; NaN NaN',
};

for (const name of Object.keys(FUNCTIONS)) {
  test(`${name} has the standard's values at zeros, infinities, NaN and where it overflows`, () => {
    expect(Object.keys(SPECIAL)).toContain(name);
    for (const row of SPECIAL[name].split(';')) {
      const input = row.trim().split(' ').map(Number);
      const expected = input.pop();
      expect({ row, value: scalarFunction(name, input.length)(...input) }).toEqual({ row, value: expected });
    }
  });
}

/** All float64 bit patterns, infinities and NaN too. */
const anyDouble = fc.double();

test('odd and even functions are so to the last bit', () => {
  const [odd, even] = [
    ['sin', 'tan', 'tanh', 'sinh', 'atan', 'erf', 'sign'],
    ['cos', 'cosh', 'abs'],
  ];
  fc.assert(
    fc.property(anyDouble, (x) => {
      for (const name of odd) expect(scalarFunction(name)(-x)).toEqual(-scalarFunction(name)(x));
      for (const name of even) expect(scalarFunction(name)(-x)).toEqual(scalarFunction(name)(x));
    }),
  );
});

test('bounded functions keep their bounds, far beyond the domain of their accuracy too', () => {
  const bounds: Readonly<Record<string, number>> = { sin: 1, cos: 1, tanh: 1, erf: 1, atan: Math.PI / 2 };
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => {
      for (const [name, bound] of Object.entries(bounds)) expect(Math.abs(scalarFunction(name)(x))).toBeLessThanOrEqual(bound);
    }),
    { numRuns: 5000 },
  );
});

test('no function makes NaN of a number in its domain', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => {
      for (const [name, { domain, arity }] of Object.entries(FUNCTIONS)) {
        if (arity === 1 && x >= domain[0] && x <= domain[1])
          expect({ name, value: scalarFunction(name)(x) }).not.toEqual({ name, value: Number.NaN });
      }
    }),
    { numRuns: 5000 },
  );
});

test('where e^x is subnormal it is within 1.3 of the smallest number', () => {
  for (let x = -745.2; x < -708; x += 0.05) {
    const error = exactly(scalarFunction('exp')(x))
      .minus(TRUTH.exp(exactly(x)))
      .abs();
    expect(error.div(exactly(Number.MIN_VALUE)).toNumber()).toBeLessThan(1.3);
  }
});

test('the documents list these functions, and no bound but the tested one', () => {
  const read = (name: string): string => readFileSync(new URL(`../../../../docs/${name}`, import.meta.url), 'utf8');
  const rows = [...read('functions.md').matchAll(/^\| `(\w+)` .*?\| ([\d.]+) +\| ([\d.]+|exact) +\|$/gm)];
  expect(rows.map(([, name, bound]) => [name, Number(bound)]).sort()).toEqual(
    Object.entries(FUNCTIONS)
      .map(([name, { ulp }]) => [name, ulp])
      .sort(),
  );
  for (const [, , bound, seen] of rows) expect(seen === 'exact' ? 0 : Number(seen)).toBeLessThanOrEqual(Number(bound));
  expect(read('models.md')).toContain(`\`${Object.keys(FUNCTIONS).join(' ')}\``);
});
