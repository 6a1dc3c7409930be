import { expect, test } from 'vitest';
import { bytesOn, MODELS, modelsOf } from './fixtures/targetRuns.ts';
import { eulerMaruyama } from './schemes/eulerMaruyama.ts';
import { SCHEMES } from './schemes/table.ts';

test.each(MODELS)('%s has the same bits on every target', (model) => {
  for (const lanes of [1, 11]) {
    const expected = bytesOn('reference', model, eulerMaruyama, lanes);
    expect(bytesOn('wasm', model, eulerMaruyama, lanes)).toEqual(expected);
    expect(bytesOn('native', model, eulerMaruyama, lanes)).toEqual(expected);
  }
});

test.each([...SCHEMES])('%s has the same bits as WebAssembly for a model that it takes', (_, scheme) => {
  const [model] = modelsOf(scheme);
  expect(bytesOn('wasm', model, scheme, 11)).toEqual(bytesOn('reference', model, scheme, 11));
});
