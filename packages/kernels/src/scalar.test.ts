import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compile } from './compile.ts';
import { FUNCTIONS } from './functions/table.ts';
import { graphBuilder } from './graph.ts';
import { program } from './program.ts';
import { scalarFunction, scalarOf } from './scalar.ts';

test('functions of numbers have the bits of the same functions in a kernel', () => {
  const unary = Object.keys(FUNCTIONS).filter((name) => FUNCTIONS[name].arity === 1);
  const g = graphBuilder();
  const kernel = compile(
    program([
      { name: 'x', width: 1, next: null },
      { name: 'out', width: unary.length, next: g.concatenate(unary.map((name) => FUNCTIONS[name].build(g, g.state('x')))) },
    ]),
  );
  fc.assert(
    fc.property(fc.double(), (x) => {
      const out = new Float64Array(unary.length);
      kernel.run({ lanes: 1, steps: 1, firstStep: 0, uniforms: {}, states: { x: Float64Array.of(x), out }, streams: {} });
      expect([...out]).toEqual(unary.map((name) => scalarFunction(name)(x)));
    }),
  );
});

test('a function is made once for each number of arguments', () => {
  expect(scalarFunction('exp')).toBe(scalarFunction('exp'));
  expect(scalarFunction('max', 2)).not.toBe(scalarFunction('max', 3));
  expect(scalarFunction('max', 3)(1, 5, 2)).toBe(5);
});

test('truth values are 1 and 0', () => {
  const isNear = scalarOf((g, x, y) => g.less(g.absolute(g.subtract(x, y)), g.constant(0.5)), 2);
  expect([isNear(1, 1.25), isNear(1, 2)]).toEqual([1, 0]);
});

test('a constant and an argument itself are functions too', () => {
  expect(scalarOf((g) => g.constant(-0), 0)()).toBe(-0);
  expect(scalarOf((_, x) => x, 1)(7)).toBe(7);
});

test('what is not a function of scalars is refused', () => {
  expect(() => scalarFunction('sinc')).toThrow(new RangeError('name must be an elementary function, got "sinc"'));
  expect(() => scalarFunction('constructor')).toThrow(RangeError);
  expect(() => scalarOf((g, x) => g.sum(g.gather(x, [0, 0])), 1)).toThrow('gather is not elementwise');
  expect(() => scalarOf((g, x) => g.add(x, g.uniform('u')), 1)).toThrow('uniform is not elementwise');
});
