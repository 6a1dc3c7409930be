import { readYaml } from '@ergoflow/input';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Json } from '../work.ts';
import { yamlText } from './yamlText.ts';

const word = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom(
    'true',
    'No',
    'null',
    '~',
    '',
    ' x',
    'x ',
    '- a',
    'a: b',
    '#',
    "it's",
    '"',
    '\\',
    '1',
    '1e5',
    '.5',
    'e1',
    '.inf',
    '0x1F',
    '<<',
    '*a',
    '&a',
    '!t',
    '[',
    '\t',
    '\u007f',
    '\ufeff',
    '\u2028',
    '\uffff',
    '---',
  ),
);
const key = fc.oneof(fc.stringMatching(/^[a-z]{1,5}$/), word).filter((name) => !(name in {}));
const number = fc
  .oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer(), fc.constantFrom(2 ** 53, 1e20, -1e21, 2 ** 63, 5e-324))
  .map((x) => x + 0);

const { json } = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    number,
    word,
    fc.array(tie('json'), { maxLength: 4 }),
    fc.dictionary(key, tie('json'), { maxKeys: 4 }),
  ),
}));

test('data written as YAML reads back as the same data', () => {
  fc.assert(
    fc.property(json, (value) => {
      expect(readYaml(yamlText(value), 'x.yaml').value).toEqual(value);
    }),
    { numRuns: 1000 },
  );
});
