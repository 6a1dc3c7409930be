import { expect, test } from 'vitest';
import { bytesOn, MODELS } from './fixtures/targetRuns.ts';
import { SCHEMES } from './schemes/table.ts';

test.each(MODELS.flatMap((model) => [...SCHEMES.keys()].map((scheme) => [model, scheme])))(
  '%s by %s has the same bits on every target',
  (model, scheme) => {
    for (const lanes of [1, 11]) {
      const expected = bytesOn('reference', model, scheme, lanes);
      for (const target of ['wasm', 'native'] as const) expect(bytesOn(target, model, scheme, lanes)).toEqual(expected);
    }
  },
);
