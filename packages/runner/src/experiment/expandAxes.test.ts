import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countPoints, expandAxes } from './expandAxes.ts';
import { BASE, expanded, experimentOf, valuesOf } from './fixtures/study.ts';

describe('an axis', () => {
  test.each([
    ['3', [3]],
    ['[3, 1, 2]', [1, 2, 3]],
    ['[1/4, 2^-3, "1e-1"]', [0.1, 0.125, 0.25]],
    ['1/4', [0.25]],
    ['choice(2, 1, 1/2)', [0.5, 1, 2]],
    ['range(3)', [0, 1, 2]],
    ['range(2, 0, -0.5)', [0.5, 1, 1.5, 2]],
    ['linspace(0, 1, 3)', [0, 0.5, 1]],
    ['logspace(-2, 0, 3)', [0.01, 0.1, 1]],
    ['geomspace(1e-3, 1e-1, 3)', [0.001, 0.01, 0.1]],
    ['geomspace(1/8, 2^3, 3)', [0.125, 1, 8]],
    ['geomspace(pi, 2*pi, 2)', [3.141592653589793, 6.283185307179586]],
    ['10*h', [20]],
  ])('%s has the values %j, in order', (form, values) => {
    expect(valuesOf(form)).toEqual(values);
  });

  test('of text takes text as it stands, and choice', () => {
    const schemes = (form: string): unknown[] => expandAxes(experimentOf(BASE, 'epsilon=1', form).axes).cells.map(({ axes }) => axes.scheme);
    expect(schemes('scheme=euler-maruyama')).toEqual(['euler-maruyama']);
    expect(schemes('scheme=milstein,heun')).toEqual(['heun', 'milstein']);
    expect(schemes('scheme="choice(milstein, heun)"')).toEqual(['heun', 'milstein']);
  });

  test('drawn n times keeps its first draws when there are more', () => {
    const few = valuesOf('uniform(0, 1, 10)');
    expect(new Set(valuesOf('uniform(0, 1, 20)'))).toEqual(new Set([...few, ...valuesOf('uniform(0, 1, 20)')]));
    expect(few.length).toBe(10);
  });

  test('derived from others is computed at each point, in whatever order they stand', () => {
    const { cells } = expanded('d: c + 1\nc: a*b\na: [1, 2]\nb: [10, 20]');
    expect(cells.map(({ axes: { a, b, c, d } }) => [a, b, c, d])).toEqual([
      [1, 10, 10, 11],
      [1, 20, 20, 21],
      [2, 10, 20, 21],
      [2, 20, 40, 41],
    ]);
  });

  test('inside the model goes by its last name in formulas', () => {
    const { cells } = expanded('model.parameters.k: [1, 2]\na: 3*k');
    expect(cells).toEqual([{ axes: { a: 3, 'model.parameters.k': 1 } }, { axes: { a: 6, 'model.parameters.k': 2 } }]);
  });
});

describe('points', () => {
  test('are the product of the axes, each zip counted once', () => {
    const { cells, points } = expanded('a: [1, 2]\nzip: [{b: [1, 2, 3], c: linspace(4, 6, 3)}]\nd: range(4)');
    expect(points).toBe(2 * 3 * 4);
    expect(cells.length).toBe(24);
    expect(cells.every(({ axes: { b, c } }) => c === Number(b) + 3)).toBe(true);
  });

  test('of a zip may repeat a value of one axis', () => {
    expect(expanded('zip: {a: [1, 1], b: [1, 2]}').cells.length).toBe(2);
  });

  test('are counted per guard that drops them, the first one first', () => {
    const { cells, points, dropped } = expanded('a: range(10)', 'where: [a >= 3, a != 5 and a < 8, a > 0]');
    expect(points).toBe(10);
    expect(cells.map(({ axes }) => axes.a)).toEqual([3, 4, 6, 7]);
    expect(dropped).toEqual([
      { where: 'a >= 3', count: 3 },
      { where: 'a != 5 and a < 8', count: 3 },
      { where: 'a > 0', count: 0 },
    ]);
  });

  test('are sorted by the axes of the study, then by the others: numbers as numbers, text by code point', () => {
    const { axes } = experimentOf(BASE, 'epsilon=10,9', 'step=1', 'horizon=2,1', 'scheme=milstein,heun', 'model.parameters.a=1,-1');
    const rows = expandAxes(axes).cells.map(({ axes: cell }) => `${cell.epsilon} ${cell.scheme} ${cell.horizon} ${cell['model.parameters.a']}`);
    expect(rows.slice(0, 5)).toEqual(['9 heun 1 -1', '9 heun 1 1', '9 heun 2 -1', '9 heun 2 1', '9 milstein 1 -1']);
    expect(rows.at(-1)).toBe('10 milstein 2 1');
  });

  test('have their axes in order of names', () => {
    const [cell] = expanded('c: 3\na: 1\nb: 2').cells;
    expect(Object.keys(cell.axes)).toEqual(['a', 'b', 'c']);
  });

  test('a guard can keep out what a derived axis could not compute', () => {
    const { axes } = experimentOf(BASE, 'epsilon=1,2', 'step=if(epsilon > 1, -1, 1)', 'where=epsilon <= 1');
    expect(expandAxes(axes).cells.length).toBe(1);
  });
});

/** Random axes with their number of values, each on a line of its own. */
const axis = (name: string): fc.Arbitrary<{ line: string; size: number }> =>
  fc.oneof(
    fc
      .uniqueArray(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 6 })
      .map((values) => ({ line: `${name}: [${values.join(', ')}]`, size: values.length })),
    fc.integer({ min: 1, max: 6 }).map((n) => ({ line: `${name}: linspace(-1, 3, ${n})`, size: n })),
    fc.integer({ min: 1, max: 6 }).map((n) => ({ line: `${name}: range(${n})`, size: n })),
    fc.integer({ min: 1, max: 6 }).map((n) => ({ line: `${name}: loguniform(1, 2, ${n})`, size: n })),
  );

describe('expansion, for random axes,', () => {
  const axes = fc.tuple(axis('a'), axis('b'), axis('c'));

  test('gives as many cells as counted, each once', () => {
    fc.assert(
      fc.property(axes, (all) => {
        const size = all.reduce((product, one) => product * one.size, 1);
        const lines = all.map(({ line }) => `  ${line}`).join('\n');
        const experiment = experimentOf(`study: free\nmodel: m\naxes:\n${lines}\n`);
        const { cells, points } = expandAxes(experiment.axes);
        expect([countPoints(experiment.axes), points, cells.length]).toEqual([size, size, size]);
        expect(new Set(cells.map((cell) => JSON.stringify(cell))).size).toBe(size);
      }),
    );
  });

  test('does not depend on the order of axes or of values', () => {
    const shuffled = axes.chain((all) => fc.shuffledSubarray([...all], { minLength: 3, maxLength: 3 }).map((other) => [all, other] as const));
    fc.assert(
      fc.property(shuffled, ([one, other]) => {
        const text = (lines: readonly { line: string }[]): string => lines.map(({ line }) => line).join('\n');
        const turned = other.map(({ line }) => ({
          line: line.replace(/\[(.*)\]/, (_, list: string) => `[${list.split(', ').reverse().join(', ')}]`),
        }));
        expect(expanded(`${text(turned)}\nd: a + b*c`).cells).toEqual(expanded(`${text(one)}\nd: a + b*c`).cells);
      }),
    );
  });

  test('with one more value keeps all cells it had', () => {
    fc.assert(
      fc.property(axes, ([a, b]) => {
        const before = expanded(`${a.line}\n${b.line}\nc: [1, 2]`).cells.map((cell) => JSON.stringify(cell));
        const after = new Set(expanded(`${a.line}\n${b.line}\nc: [1, 7, 2]`).cells.map((cell) => JSON.stringify(cell)));
        expect(before.every((cell) => after.has(cell))).toBe(true);
      }),
    );
  });
});

test('a hundred thousand cells with a derived axis and a guard take less than two seconds', () => {
  const start = process.hrtime.bigint();
  const { cells } = expanded('a: range(100)\nb: range(100)\nc: range(10)\nd: a + b/c', 'where: c > 0');
  expect(cells.length).toBe(90_000);
  expect(Number(process.hrtime.bigint() - start) / 1e9).toBeLessThan(2);
});
