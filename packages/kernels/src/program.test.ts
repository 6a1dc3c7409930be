import { expect, test } from 'vitest';
import { graphBuilder } from './graph.ts';
import { program } from './program.ts';

test('a program lists what it reads in order of name, and computes nothing else', () => {
  const g = graphBuilder();
  const unused = g.uniform('unused');
  const next = g.add(g.multiply(g.uniform('b'), g.state('x', 2)), g.multiply(g.uniform('a', 2), g.normal('W', 2)));
  const { uniforms, streams, nodes } = program([
    { name: 'x', width: 2, next: g.add(next, g.normal('V', 1)) },
    { name: 'y', width: 1, next: null },
  ]);
  expect(uniforms).toEqual([
    { name: 'a', width: 2 },
    { name: 'b', width: 1 },
  ]);
  expect(streams).toEqual([
    { name: 'V', width: 1 },
    { name: 'W', width: 2 },
  ]);
  expect(nodes).not.toContain(unused);
});

test('states that do not fit are refused', () => {
  const g = graphBuilder();
  const x = g.state('x', 2);
  const state = (name: string, width: number, next = x) => ({ name, width, next });
  expect(() => program([state('x', 3)])).toThrow('the next value of state x must be 3 numbers, got 2');
  expect(() => program([state('x', 2, g.less(x, x))])).toThrow('the next value of state x must be 2 numbers, got truth values');
  expect(() => program([state('y', 2)])).toThrow('state x must be listed with width 2, got none');
  expect(() => program([state('y', 2), { name: 'x', width: 1, next: null }])).toThrow('state x must be listed with width 2, got 1');
  expect(() => program([state('x', 2), state('x', 2)])).toThrow('the names of the states must differ');
});

test('a uniform or a stream of two widths is refused', () => {
  const g = graphBuilder();
  const two = g.add(g.uniform('a'), g.uniform('a', 2));
  expect(() => program([{ name: 'x', width: 2, next: two }])).toThrow('uniform a must have one width');
  const draws = g.add(g.normal('W', 1), g.normal('W', 2));
  expect(() => program([{ name: 'x', width: 2, next: draws }])).toThrow('normal W must have one width');
});
