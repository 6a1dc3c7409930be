import { afterEach, describe, expect, test, vi } from 'vitest';
import { findCompiler } from '../../../targets/native/compiler.ts';
import { allCases, differenceOn, randomTraining } from '../../fixtures/agreement.ts';

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

describe.each(COMPILERS.flatMap((name) => PROCESSORS.map((flags) => name + flags)))(
  '%s gives the values and derivatives of the reference',
  (command) => {
    test('for every primitive', { timeout: 120_000 }, () => {
      vi.stubEnv('ERGOFLOW_CC', command);
      for (const [precision, bound] of [
        ['float64', 1e-12],
        ['float32', 4e-6],
      ] as const) {
        const { name, difference } = differenceOn(allCases(), 'native', precision, 48);
        expect(difference, `${precision}, ${name}`).toBeLessThan(bound);
      }
    });

    test('for random programs', { timeout: 120_000 }, () => {
      vi.stubEnv('ERGOFLOW_CC', command);
      for (const seed of [11, 12, 13]) {
        const { name, difference } = differenceOn(randomTraining(seed, 60), 'native', 'float64', 16);
        expect(difference, `program ${seed}, ${name}`).toBeLessThan(1e-12);
      }
    });
  },
);
