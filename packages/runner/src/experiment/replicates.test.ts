import { InputError, readYaml } from '@ergoflow/input';
import { describe, expect, test } from 'vitest';
import { mostReplicates, type Replicates, readReplicates } from './replicates.ts';

const read = (text: string): Replicates => readReplicates(readYaml(text, 'x.yaml'), ['replicate']);
const target = (changes: object): object => ({ kind: 'target', target: 0.05, level: 0.95, min: 32, max: 4096, ...changes });

describe('replicates', () => {
  test.each([
    ['', { kind: 'count', count: 256 }],
    ['replicate: 1', { kind: 'count', count: 1 }],
    ['replicate: 1e9', { kind: 'count', count: 1e9 }],
    ['replicate: "64"', { kind: 'count', count: 64 }],
    ['replicate: {count: 12}', { kind: 'count', count: 12 }],
    ['replicate: {target: 5%}', target({})],
    ['replicate: {target: 0.05}', target({})],
    ['replicate: {target: 12.5 %}', target({ target: 0.125 })],
    ['replicate: {target: .1%}', target({ target: 0.001 })],
    ['replicate: {target: 7%}', target({ target: 0.07 })],
    ['replicate: {target: 5%, level: 99%, min: 8, max: 16}', target({ level: 0.99, min: 8, max: 16 })],
    ['replicate: {target: 5%, max: 16}', target({ min: 16, max: 16 })],
    ['replicate: {target: 5%, min: 10000}', target({ min: 10000, max: 10000 })],
    ['replicate: {target: 5%, metrics: strong-error}', target({ metrics: ['strong-error'] })],
    ['replicate: {target: 5%, metrics: [b, a, b]}', target({ metrics: ['a', 'b'] })],
  ])('%j are %j', (text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  test.each([
    ['replicate: 0', '1:12', 'a whole number from 1 to 1000000000'],
    ['replicate: 1000000001', '1:12', 'a whole number from 1'],
    ['replicate: 2.5', '1:12', 'a whole number from 1'],
    ['replicate: many', '1:12', 'a whole number from 1'],
    ['replicate: true', '1:12', 'a whole number from 1'],
    ['replicate:', '1:11', 'a whole number from 1'],
    ['replicate: [1]', '1:12', 'a whole number from 1'],
    ['replicate: {}', '1:12', 'needs either count or target'],
    ['replicate: {count: 1, target: 5%}', '1:12', 'needs either count or target'],
    ['replicate: {count: 1, min: 5}', '1:23', 'min has no meaning with count'],
    ['replicate: {target: 0}', '1:21', 'a number between 0 and 1'],
    ['replicate: {target: 100%}', '1:21', 'a number between 0 and 1'],
    ['replicate: {target: -5%}', '1:21', 'such as 5%'],
    ['replicate: {target: .nan}', '1:21', 'a number between 0 and 1'],
    ['replicate: {target: 5%, level: 95}', '1:32', 'a number between 0 and 1'],
    ['replicate: {target: 5%, min: 1}', '1:30', 'a whole number from 2'],
    ['replicate: {target: 5%, min: 10, max: 9}', '1:39', 'min is 10 and max is 9: min must not be above max'],
    ['replicate: {target: 5%, metrics: []}', '1:34', 'is an empty list'],
    ['replicate: {target: 5%, metrics: [a, 1]}', '1:38', 'names of metrics are needed'],
    ['replicate: {target: 5%, levl: 0.9}', '1:25', 'did you mean level?'],
  ])('%j are refused at %s: %s', (text, place, message) => {
    const refusal = (): InputError | null => {
      try {
        read(text);
        return null;
      } catch (error) {
        return error as InputError;
      }
    };
    expect(refusal()).toBeInstanceOf(InputError);
    expect(refusal()?.format()).toMatch(new RegExp(`^x\\.yaml:${place}: `));
    expect(refusal()?.message).toContain(message);
  });

  test('at most are the count or the target’s max', () => {
    expect(mostReplicates(read('replicate: 7'))).toBe(7);
    expect(mostReplicates(read('replicate: {target: 5%, max: 99}'))).toBe(99);
  });
});
