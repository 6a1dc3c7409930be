import { afterEach, expect, test, vi } from 'vitest';
import { compile } from '../compile.ts';
import type { TargetName } from '../kernel.ts';
import { callOf, meanField } from './fixtures/programs.ts';
import { findCompiler } from './native/compiler.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

test('a kernel takes the better target the more it has done, in the middle of a simulation and with the same bits', () => {
  const made = meanField();
  const [lanes, cuts] = [1000, [1, 10, 100, 5]];
  // The library must be on disk: to compile it for this would not pay.
  compile(made, 'native').run(callOf(made, 2, 1));
  const run = (target: TargetName | 'auto') => {
    const kernel = compile(made, target);
    const call = callOf(made, lanes, 0);
    let firstStep = 0;
    const targets = cuts.map((steps) => {
      kernel.run({ ...call, steps, firstStep });
      firstStep += steps;
      return kernel.target;
    });
    return { targets, states: call.states };
  };
  const auto = run('auto');
  const best = typeof findCompiler() === 'string' ? 'wasm' : 'native';
  expect(auto.targets).toEqual(['reference', 'wasm', best, best]);
  expect(auto.states).toEqual(run('reference').states);
});

test('little work compiles nothing', () => {
  vi.stubEnv('ERGOFLOW_CC', 'no-such-compiler');
  const kernel = compile(meanField());
  for (let k = 0; k < 20; k++) kernel.run(callOf(kernel.program, 10, 10));
  expect([kernel.target, kernel.fallback]).toEqual(['reference', null]);
});

test('the environment says what auto means', () => {
  vi.stubEnv('ERGOFLOW_TARGET', 'wasm');
  const kernel = compile(meanField());
  kernel.run(callOf(kernel.program, 1, 1));
  expect(kernel.target).toBe('wasm');
  expect(compile(meanField(), 'reference').target).toBe('reference');
  vi.stubEnv('ERGOFLOW_TARGET', 'gpu');
  expect(() => compile(meanField())).toThrow('target must be one of auto, reference, wasm, native, got "gpu"');
});

test('a target that cannot be had gives way to the next one and says why', () => {
  vi.stubEnv('ERGOFLOW_CC', 'no-such-compiler');
  const kernel = compile(meanField(), 'native');
  kernel.run(callOf(kernel.program, 2, 1));
  expect(kernel.target).toBe('wasm');
  expect(kernel.fallback).toBe('ERGOFLOW_CC names no program that can be run: no-such-compiler');
});
