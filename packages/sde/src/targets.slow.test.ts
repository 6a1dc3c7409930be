import { expect, test } from 'vitest';
import { bytesOn, modelsOf } from './fixtures/targetRuns.ts';
import { SCHEMES } from './schemes/table.ts';

test.each([...SCHEMES.values()].flatMap((scheme) => modelsOf(scheme).map((model) => [model, scheme.name, scheme] as const)))(
  '%s by %s has the same bits on every target',
  (model, _, scheme) => {
    for (const lanes of [1, 11]) {
      const expected = bytesOn('reference', model, scheme, lanes);
      for (const target of ['wasm', 'native'] as const) expect(bytesOn(target, model, scheme, lanes)).toEqual(expected);
    }
  },
);
