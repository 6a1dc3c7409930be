/** Prints the largest error seen of every function of equations, as in docs/functions.md. */
import { worstOf, worstPower } from '../src/functions/fixtures/measure.ts';
import { TRUTH } from '../src/functions/fixtures/truth.ts';
import { FUNCTIONS } from '../src/functions/table.ts';

const SCANNED = 2_000_000;
const MEASURED = 20_000;

console.log('function    bound   largest error seen (ulp)   at');
for (const name of [...Object.keys(TRUTH), 'x^y']) {
  const { ulp, at } = name === 'x^y' ? worstPower(SCANNED, MEASURED) : worstOf(name, SCANNED, MEASURED);
  const bound = name === 'x^y' ? 2 : FUNCTIONS[name].ulp;
  console.log(`${name.padEnd(12)}${String(bound).padEnd(8)}${ulp.toFixed(3).padEnd(27)}${at.join(', ')}`);
}
