import { expect, test } from 'vitest';
import { compile as assemble } from 'watr';
import { graphBuilder } from '../graph.ts';
import { program } from '../program.ts';
import { describeTargets, LISTINGS } from './describe.ts';
import { allFunctions, meanField } from './fixtures/programs.ts';
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
