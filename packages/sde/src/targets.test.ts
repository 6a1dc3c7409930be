import { expect, test } from 'vitest';
import { bytesOn, MODELS } from './fixtures/targetRuns.ts';
import { SCHEMES } from './schemes/table.ts';

test.each(MODELS)('%s has the same bits on every target', (model) => {
  for (const lanes of [1, 11]) {
    const expected = bytesOn('reference', model, 'euler-maruyama', lanes);
    expect(bytesOn('wasm', model, 'euler-maruyama', lanes)).toEqual(expected);
    expect(bytesOn('native', model, 'euler-maruyama', lanes)).toEqual(expected);
  }
});

test.each([...SCHEMES.keys()])('%s has the same bits as WebAssembly for a model', (scheme) => {
  expect(bytesOn('wasm', 'double-well', scheme, 11)).toEqual(bytesOn('reference', 'double-well', scheme, 11));
});
