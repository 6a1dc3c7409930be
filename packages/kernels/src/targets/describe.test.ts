import { expect, test } from 'vitest';
import { compile as assemble } from 'watr';
import { compile } from '../compile.ts';
import { graphBuilder } from '../graph.ts';
import { program } from '../program.ts';
import { describeTargets, LISTINGS } from './describe.ts';
import { allFunctions, callOf, meanField } from './fixtures/programs.ts';
import { encodeModule } from './wasm/encode.ts';
import { wasmModule } from './wasm/module.ts';
import { COPIES } from './wasm/wasm.ts';

test.each([
  ['functions', allFunctions()],
  ['vectors, sums and normals', meanField()],
])('the WebAssembly that is shown is the one that runs: %s', (_, made) => {
  const shown = assemble(LISTINGS.wat(made));
  expect(Buffer.from(shown).equals(Buffer.from(encodeModule(wasmModule(made, COPIES).functions)))).toBe(true);
});

test('a graph is listed by how often its nodes are computed', () => {
  const g = graphBuilder();
  const scaled = g.multiply(g.uniform('h'), g.constant(2));
  const made = program([{ name: 'x', width: 3, next: g.add(g.state('x', 3), g.multiply(scaled, g.multiply(g.step(), g.step()))) }]);
  expect(LISTINGS.graph(made)).toBe(
    [
      'once a call',
      '  %0: uniform h',
      '  %2: multiply %0 2',
      'once a step',
      '  %4: step',
      '  %5: multiply %4 %4',
      '  %6: multiply %2 %5',
      'for every lane at every step',
      '  %3 (3): state x',
      '  %7 (3): add %3 %6',
      'states',
      '  x (3) = %7',
      '',
    ].join('\n'),
  );
});

test('every target is reported, the reference works everywhere, and what does not work says why', () => {
  const reports = describeTargets();
  expect(reports.map(({ name }) => name)).toEqual(['native', 'wasm', 'reference']);
  expect(reports.at(-1)?.works).toBe(true);
  for (const { detail } of reports) expect(detail.length).toBeGreaterThan(10);
});

test('a kernel takes the better target the more it has to do, and keeps its numbers', () => {
  const made = meanField();
  const kernel = compile(made, 'auto');
  kernel.run(callOf(made, 1, 10));
  expect(kernel.target).toBe('reference');
  kernel.run(callOf(made, 10, 1000));
  expect(kernel.target).not.toBe('reference');
});

test('an unknown target is refused by name', () => {
  expect(() => compile(meanField(), 'gpu' as 'wasm')).toThrow('target must be one of auto, reference, wasm, native, got "gpu"');
});
