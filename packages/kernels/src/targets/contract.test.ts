import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compile, TARGETS } from '../compile.ts';
import { graphBuilder } from '../graph.ts';
import type { TargetName } from '../kernel.ts';
import { program } from '../program.ts';
import { openStream } from '../streams.ts';
import { differences, differingFunctions, meanField, randomProgram, rings } from './fixtures/programs.ts';

const OTHERS = (Object.keys(TARGETS) as TargetName[]).filter((name) => name !== 'reference');
const instructions = fc.array(fc.tuple(fc.nat(1000), fc.nat(1000), fc.nat(1000), fc.nat(1000)), { minLength: 120, maxLength: 120 });

describe.each(OTHERS)('%s gives the bits of the reference', (target) => {
  test('for programs of all primitives, at odd numbers of lanes and cuts of the steps', () => {
    // One library per program: few large programs instead of many small ones.
    fc.assert(
      fc.property(instructions, fc.constantFrom(1, 2, 3, 17, 40), fc.boolean(), (list, lanes, corners) => {
        expect(differences(randomProgram(list), target, lanes, [1, 0, 3, 70, 2], corners)).toEqual([]);
      }),
      { numRuns: 12, endOnFailure: true },
    );
  });

  test('for every function of equations, over its domain and beyond', () => {
    expect(differingFunctions(target)).toEqual([]);
  });

  test.each([1, 3, 17, 1000])('for normals and sums of %i lanes', (lanes) => {
    expect(differences(meanField(), target, lanes, [1, 2, 131], false)).toEqual([]);
  });

  test.each([1, 5, 33])('for rings, reached into at both ends and in groups, of %i lanes', (lanes) => {
    expect(differences(rings(), target, lanes, [1, 2, 30], false)).toEqual([]);
  });

  test('wherever a lane stands and however the steps are cut', () => {
    const g = graphBuilder();
    const x = g.state('x', 3);
    const made = program([{ name: 'x', width: 3, next: g.add(g.multiply(x, g.constant(0.9)), g.normal('W', 3)) }]);
    const part = (first: number, lanes: number, cuts: readonly number[]): Float64Array[] => {
      const states = { x: new Float64Array(3 * lanes) };
      const streams = { W: openStream([5], first, lanes) };
      let firstStep = 0;
      for (const steps of cuts) {
        compile(made, target).run({ lanes, steps, firstStep, uniforms: {}, states, streams });
        firstStep += steps;
      }
      return [0, 1, 2].map((j) => states.x.slice(j * lanes, (j + 1) * lanes));
    };
    const whole = part(0, 50, [101]);
    for (const [first, lanes] of [
      [0, 1],
      [49, 1],
      [7, 2],
      [3, 33],
    ] as const) {
      expect(part(first, lanes, [1, 40, 60])).toEqual(whole.map((row) => row.slice(first, first + lanes)));
    }
  });

  test('in arrays that are parts of larger ones, and nowhere beside them', () => {
    const g = graphBuilder();
    const made = program([{ name: 'x', width: 2, next: g.add(g.state('x', 2), g.multiply(g.uniform('h', 2), g.normal('W', 2))) }]);
    const lanes = 5;
    const own = openStream([6], 0, lanes);
    const all = new Float64Array(64).fill(7);
    const parts = { x: all.subarray(3, 3 + 2 * lanes), h: all.subarray(20, 22), spare: all.subarray(30, 30 + lanes) };
    const words = new Uint32Array(100);
    words.set(own.words, 11);
    const streams = { W: { words: words.subarray(11, 11 + 8 * lanes), spare: parts.spare, hasSpare: false } };
    compile(made, target).run({ lanes, steps: 9, firstStep: 0, uniforms: { h: parts.h }, states: { x: parts.x }, streams });
    const [x, h] = [new Float64Array(2 * lanes).fill(7), new Float64Array(2).fill(7)];
    compile(made, 'reference').run({ lanes, steps: 9, firstStep: 0, uniforms: { h }, states: { x }, streams: { W: own } });
    expect(parts.x).toEqual(x);
    expect(streams.W.words).toEqual(own.words);
    const outside = [...all].filter((_, k) => !((k >= 3 && k < 13) || (k >= 30 && k < 35)));
    expect(outside.every((value) => value === 7)).toBe(true);
    expect(words.slice(0, 11).every((word) => word === 0) && words.slice(11 + 8 * lanes).every((word) => word === 0)).toBe(true);
  });
});
