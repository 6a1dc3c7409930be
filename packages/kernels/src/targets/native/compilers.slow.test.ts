import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { differences, differingFunctions, meanField, randomProgram } from '../fixtures/programs.ts';
import { findCompiler } from './compiler.ts';

/** Narrow and wide registers; on other processors than x86-64 what they have. */
const PROCESSORS = process.arch === 'x64' ? ['', ' -march=x86-64', ' -march=x86-64-v2', ' -march=x86-64-v3'] : [''];
const COMPILERS = ['cc', 'gcc', 'clang'].filter((name) => {
  vi.stubEnv('ERGOFLOW_CC', name);
  return typeof findCompiler() !== 'string';
});

afterEach(() => {
  vi.unstubAllEnvs();
});

test('a machine that runs the slow tests has a compiler', () => {
  expect(COMPILERS.length).toBeGreaterThan(0);
});

const instructions = fc.array(fc.tuple(fc.nat(1000), fc.nat(1000), fc.nat(1000), fc.nat(1000)), { minLength: 120, maxLength: 120 });

describe.each(COMPILERS.flatMap((name) => PROCESSORS.map((flags) => name + flags)))('%s gives the bits of the reference', (command) => {
  test('for every function, normals and sums, and random programs', () => {
    vi.stubEnv('ERGOFLOW_CC', command);
    expect(differingFunctions('native')).toEqual([]);
    for (const lanes of [1, 3, 17, 1000]) expect(differences(meanField(), 'native', lanes, [1, 2, 131], false)).toEqual([]);
    fc.assert(
      fc.property(instructions, fc.constantFrom(1, 3, 17, 40), (list, lanes) => {
        expect(differences(randomProgram(list), 'native', lanes, [1, 0, 3, 70, 2])).toEqual([]);
      }),
      { numRuns: 10, endOnFailure: true },
    );
  });
});
