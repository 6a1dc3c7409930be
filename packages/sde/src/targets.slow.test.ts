import { expect, test } from 'vitest';
import { bytesOn, modelsOf } from './fixtures/targetRuns.ts';
import { SCHEMES } from './schemes/table.ts';

test.each([...SCHEMES.values()].flatMap((scheme) => modelsOf(scheme).map((model) => [model, scheme.name, scheme] as const)))(
  '%s by %s has the same bits as WebAssembly',
  (model, _, scheme) => {
    for (const lanes of [1, 11]) expect(bytesOn('wasm', model, scheme, lanes)).toEqual(bytesOn('reference', model, scheme, lanes));
  },
);

// Compiling C for every pair would take ten minutes; every model is compiled for one scheme in the fast tests.
test.each([...SCHEMES])('%s has the same bits as C for a model that it takes', (_, scheme) => {
  const [model] = modelsOf(scheme);
  for (const lanes of [1, 11]) expect(bytesOn('native', model, scheme, lanes)).toEqual(bytesOn('reference', model, scheme, lanes));
});
