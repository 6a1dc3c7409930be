import { expect, test } from 'vitest';
import { compile } from './compile.ts';
import { graphBuilder } from './graph.ts';
import { program } from './program.ts';
import { openStream } from './streams.ts';

const call = { lanes: 1, steps: 1, firstStep: 0, uniforms: {}, states: {}, streams: {} };

/** xoshiro256++ in 64-bit integers, from Blackman & Vigna's xoshiro256plusplus.c. */
function* xoshiro(words: Uint32Array): Generator<bigint> {
  const mask = (1n << 64n) - 1n;
  const rotate = (x: bigint, k: bigint): bigint => ((x << k) | (x >> (64n - k))) & mask;
  const s = [0, 1, 2, 3].map((k) => BigInt(words[2 * k]) | (BigInt(words[2 * k + 1]) << 32n));
  for (;;) {
    yield (rotate((s[0] + s[3]) & mask, 23n) + s[0]) & mask;
    const t = (s[1] << 17n) & mask;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45n);
  }
}

test("the generator gives the numbers that its authors' C gives", () => {
  // State 1, 2, 3, 4; the values stand in the tests of the Rust crate rand_xoshiro (xoshiro256plusplus.rs), made with the reference implementation.
  const bits = xoshiro(Uint32Array.of(1, 0, 2, 0, 3, 0, 4, 0));
  const expected = [
    41943041n,
    58720359n,
    3588806011781223n,
    3591011842654386n,
    9228616714210784205n,
    9973669472204895162n,
    14011001112246962877n,
    12406186145184390807n,
    15849039046786891736n,
    10450023813501588000n,
  ];
  expect(expected.map(() => bits.next().value)).toEqual(expected);
});

test('normals are Box–Muller pairs of the published generator', () => {
  const g = graphBuilder();
  const kernel = compile(program([{ name: 'x', width: 1, next: g.normal('W', 1) }]));
  const stream = openStream([3, 'W'], 0, 1);
  const bits = xoshiro(stream.words.slice());
  for (let pair = 0; pair < 200; pair++) {
    const next = bits.next().value as bigint;
    const [high, low] = [Number(next >> 32n), Number(next & 0xffffffffn)];
    const radius = Math.sqrt(-2 * Math.log(((high % 2 ** 31) * 512 + (low % 512) + 0.5) / 2 ** 40));
    const angle = (Math.PI * (Math.floor((low | 0) / 512) + 0.5)) / 2 ** 23;
    for (const expected of [radius * Math.cos(angle) * (high < 2 ** 31 ? 1 : -1), radius * Math.sin(angle)]) {
      const states = { x: new Float64Array(1) };
      kernel.run({ ...call, states, streams: { W: stream } });
      // What radius, direction and their product err by, and what rounding U by 2^-23 of itself does to the radius.
      expect(Math.abs(states.x[0] - expected)).toBeLessThan(6.5e-7 * radius + 2 ** -23 / radius);
    }
  }
});

test.each([1, 2, 3])('normals do not depend on how steps are cut into calls, %d a step and across the buffer', (width) => {
  const g = graphBuilder();
  const total = g.add(g.multiply(g.state('x', width), g.constant(0.9)), g.normal('W', width));
  const kernel = compile(program([{ name: 'x', width, next: total }]));
  const run = (cuts: readonly number[]): Float64Array => {
    const states = { x: new Float64Array(2 * width) };
    const streams = { W: openStream([4], 0, 2) };
    let firstStep = 0;
    for (const steps of cuts) {
      kernel.run({ ...call, lanes: 2, steps, firstStep, states, streams });
      firstStep += steps;
    }
    return states.x;
  };
  const whole = run([301]);
  expect(run([1, 2, 0, 127, 128, 1, 42])).toEqual(whole);
  expect(run(Array.from({ length: 301 }, () => 1))).toEqual(whole);
});

test('a lane has the same bits in whatever block it runs', () => {
  const g = graphBuilder();
  const x = g.state('x');
  const kernel = compile(program([{ name: 'x', width: 1, next: g.add(g.multiply(x, g.constant(0.9)), g.normal('W', 1)) }]));
  const run = (first: number, lanes: number): Float64Array => {
    const states = { x: new Float64Array(lanes) };
    kernel.run({ ...call, lanes, steps: 50, states, streams: { W: openStream([5], first, lanes) } });
    return states.x;
  };
  const whole = run(0, 8);
  expect([...run(3, 2)]).toEqual([...whole.slice(3, 5)]);
});

test('vector programs compute what the same loops by hand do', () => {
  const g = graphBuilder();
  const [n, lanes] = [6, 3];
  const y = g.state('y', n);
  const neighbour = g.gather(y, [1, 2, 3, 4, 5, 0]);
  const mean = g.divide(g.sum(y), g.constant(n));
  const blocks = g.sum(g.multiply(y, neighbour), 2);
  const drift = g.subtract(g.multiply(mean, neighbour), g.gather(blocks, [0, 0, 0, 1, 1, 1]));
  const step = g.add(y, g.multiply(g.uniform('dt'), g.select(g.less(y, mean), drift, g.negate(drift))));
  const kernel = compile(
    program([
      { name: 'y', width: n, next: step },
      { name: 'z', width: 2, next: g.concatenate([mean, g.step()]) },
    ]),
  );
  const start = Float64Array.from({ length: n * lanes }, (_, k) => Math.fround(Math.sin(k)));
  const states = { y: start.slice(), z: new Float64Array(2 * lanes) };
  kernel.run({ ...call, lanes, steps: 2, firstStep: 4, uniforms: { dt: Float64Array.of(0.125) }, states });
  for (let lane = 0; lane < lanes; lane++) {
    let v = Array.from({ length: n }, (_, j) => start[j * lanes + lane]);
    let average = 0;
    for (let k = 0; k < 2; k++) {
      average = v.reduce((a, b) => a + b) / n;
      const next = v.map((_, j) => v[(j + 1) % n]);
      const products = v.map((value, j) => value * next[j]);
      const sums = [products[0] + products[1] + products[2], products[3] + products[4] + products[5]];
      v = v.map((value, j) => {
        const d = average * next[j] - sums[j < 3 ? 0 : 1];
        return value + 0.125 * (value < average ? d : -d);
      });
    }
    expect(Array.from({ length: n }, (_, j) => states.y[j * lanes + lane])).toEqual(v);
    expect([states.z[lane], states.z[lanes + lane]]).toEqual([average, 5]);
  }
});

test('next values are all computed before the first is stored', () => {
  const g = graphBuilder();
  const kernel = compile(
    program([
      { name: 'a', width: 1, next: g.state('b') },
      { name: 'b', width: 1, next: g.state('a') },
      { name: 'u', width: 2, next: g.state('v', 2) },
      { name: 'v', width: 2, next: g.gather(g.state('u', 2), [1, 0]) },
    ]),
  );
  const states = { a: Float64Array.of(1), b: Float64Array.of(2), u: Float64Array.of(3, 4), v: Float64Array.of(5, 6) };
  kernel.run({ ...call, states });
  expect([...states.a, ...states.b, ...states.u, ...states.v]).toEqual([2, 1, 5, 6, 4, 3]);
});

test('lookup clamps its index to the table', () => {
  const g = graphBuilder();
  const kernel = compile(
    program([
      { name: 'k', width: 1, next: null },
      { name: 'x', width: 1, next: g.lookup(g.uniform('table', 3), g.state('k')) },
    ]),
  );
  const states = { k: Float64Array.of(-4, 0, 2, 9, Number.NaN), x: new Float64Array(5) };
  kernel.run({ ...call, lanes: 5, uniforms: { table: Float64Array.of(7, 8, 9) }, states });
  expect([...states.x]).toEqual([7, 7, 9, 9, 7]);
});

test('arrays of a wrong length are refused by name', () => {
  const g = graphBuilder();
  const kernel = compile(program([{ name: 'x', width: 2, next: g.add(g.state('x', 2), g.uniform('h')) }]));
  expect(() => kernel.run({ ...call, lanes: 2, states: { x: new Float64Array(4) } })).toThrow('uniform h must have length 1, got none');
  expect(() => kernel.run({ ...call, lanes: 2, uniforms: { h: Float64Array.of(1) }, states: { x: new Float64Array(3) } })).toThrow(
    'state x must have length 4, got 3',
  );
});

test('a scalar state may be the next value of every component of a vector', () => {
  const g = graphBuilder();
  const kernel = compile(
    program([
      { name: 'a', width: 1, next: g.add(g.state('a'), g.constant(1)) },
      { name: 'u', width: 3, next: g.state('a') },
    ]),
  );
  const states = { a: Float64Array.of(4, 5), u: new Float64Array(6) };
  kernel.run({ ...call, lanes: 2, states });
  expect([...states.a, ...states.u]).toEqual([5, 6, 4, 5, 4, 5, 4, 5]);
});

test('a table worked out in the call can be looked up at indices worked out beside it', () => {
  const g = graphBuilder();
  const table = g.multiply(g.uniform('t', 3), g.constant(10));
  const index = g.subtract(g.uniform('k', 3), g.constant(1));
  const kernel = compile(program([{ name: 'x', width: 3, next: g.lookup(table, index) }]));
  const states = { x: new Float64Array(3) };
  kernel.run({ ...call, uniforms: { t: Float64Array.of(1, 2, 3), k: Float64Array.of(3, 2, 1) }, states });
  expect([...states.x]).toEqual([30, 20, 10]);
});
