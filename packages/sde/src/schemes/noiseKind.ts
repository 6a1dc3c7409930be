/**
 * The kind of an equation's noise: by structure, and where that does not tell, L^j b^k = L^k b^j is tried at points.
 *
 * Both sides are compared at scattered states and values of parameters. Smooth expressions that agree at all of them to 1e-9 agree everywhere, short of
 * an accident; a difference at one point proves that they do not.
 */
import { compile, program } from '@ergoflow/kernels';
import type { Equations } from '../equations.ts';
import { tangents } from './derivative.ts';
import { columnOf, combine, noiseStructure, probe } from './noiseStructure.ts';
import type { NoiseKind } from './scheme.ts';

/** States tried for each set of parameters, sets of parameters, and how many points must give numbers at all. */
const POINTS = 32;
const SETS = 3;
const FEWEST = 8;
/** Beyond so many scalar processes the pairs are too many to try: the noise counts as general. */
const MOST_COLUMNS = 16;

/** States of the program that tries: Σ|L^j b^k - L^k b^j| and Σ(|L^j b^k| + |L^k b^j|). */
const DIFFERENCE = 'probe.difference';
const SIZE = 'probe.size';

const kinds = new WeakMap<Equations, NoiseKind>();

/** Tells the kind of the noise; general also where it could not be tried. */
export function noiseKind(equations: Equations): NoiseKind {
  const known = kinds.get(equations);
  if (known !== undefined) return known;
  const { isAdditive, isDiagonal } = noiseStructure(equations);
  const kind = isAdditive ? 'additive' : isDiagonal ? 'diagonal' : commutes(equations) ? 'commutative' : 'general';
  kinds.set(equations, kind);
  return kind;
}

function commutes(equations: Equations): boolean {
  const { columns } = noiseStructure(equations);
  if (columns.length > MOST_COLUMNS) return false;
  const { g, state, time } = probe(equations);
  const noise = equations.noise(g, state, time);
  const zero = g.constant(0);
  const directions = columns.map((column) => combine(g, columnOf(g, noise, column), () => null));
  const values = directions.map((direction) => equations.variables.map(({ name }) => direction.get(name) ?? zero));
  let [difference, size] = [zero, zero];
  for (let j = 0; j < columns.length; j++) {
    for (let k = 0; k < j; k++) {
      const forth = tangents(g, state, directions[j], values[k]);
      const back = tangents(g, state, directions[k], values[j]);
      for (const [i, x] of forth.entries()) {
        const [one, other] = [x ?? zero, back[i] ?? zero];
        difference = g.add(difference, g.sum(g.absolute(g.subtract(one, other))));
        size = g.add(size, g.add(g.sum(g.absolute(one)), g.sum(g.absolute(other))));
      }
    }
  }
  const read = g.nodes.filter(({ op }) => op === 'state');
  const tried = program([
    ...read.map(({ name, width }) => ({ name, width, next: null })),
    { name: DIFFERENCE, width: 1, next: difference },
    { name: SIZE, width: 1, next: size },
  ]);
  const kernel = compile(tried);
  const next = scattered();
  let numbers = 0;
  for (let set = 0; set < SETS; set++) {
    const uniforms = Object.fromEntries(tried.uniforms.map(({ name, width }) => [name, Float64Array.from({ length: width }, () => 0.5 + next())]));
    // The first half of the states is positive, where roots and logarithms live.
    const state = (width: number): Float64Array =>
      Float64Array.from({ length: width * POINTS }, (_, k) => (k % POINTS < POINTS / 2 ? 2 * next() : 4 * next() - 2));
    const states: Record<string, Float64Array> = Object.fromEntries(tried.states.map(({ name, width }) => [name, state(width)]));
    kernel.run({ lanes: POINTS, steps: 1, firstStep: 0, uniforms, states, streams: {} });
    for (let lane = 0; lane < POINTS; lane++) {
      const [found, scale] = [states[DIFFERENCE][lane], states[SIZE][lane]];
      if (!Number.isFinite(found) || !Number.isFinite(scale)) continue;
      numbers++;
      if (found > 1e-9 * scale) return false;
    }
  }
  return numbers >= FEWEST;
}

/** Numbers in (0, 1), always the same: the multiplicative generator of Park, Miller & Stockmeyer (1993), 48271 modulo 2^31 - 1. */
function scattered(): () => number {
  const modulus = 2 ** 31 - 1;
  let number = 1;
  return () => {
    number = (48271 * number) % modulus;
    return number / modulus;
  };
}
