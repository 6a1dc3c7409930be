/** The systems that are timed: each as a lane program; hand.c holds the same arithmetic, written by hand. */
import { type GraphBuilder, graphBuilder, type Node, type Program, program } from '../src/index.ts';

/** A system with slow states `x` and fast states `y`, driven by one stream of `slow + fast` normals a step. */
export interface Shape {
  readonly name: string;
  readonly slow: number;
  readonly fast: number;
  readonly program: Program;
}

type Drift = (g: GraphBuilder, x: Node, y: Node) => readonly [Node, Node];

/** x' = x + b h + s √h Z, y' = y + β (h/ε) + √(h/ε) Z. */
function shape(name: string, slow: number, fast: number, drift: Drift): Shape {
  const g = graphBuilder();
  const [x, y] = [g.state('x', slow), g.state('y', fast)];
  const normals = g.normal('W', slow + fast);
  const range = (from: number, count: number): number[] => Array.from({ length: count }, (_, k) => from + k);
  const [b, beta] = drift(g, x, y);
  const [h, epsilon] = [g.uniform('h'), g.uniform('epsilon')];
  const unit = g.divide(h, epsilon);
  const next = (state: Node, drift: Node, step: Node, deviation: Node, from: number): Node =>
    g.add(state, g.add(g.multiply(drift, step), g.multiply(deviation, g.gather(normals, range(from, state.width)))));
  const states = [
    { name: 'x', width: slow, next: next(x, b, h, g.multiply(g.uniform('s'), g.squareRoot(h)), 0) },
    { name: 'y', width: fast, next: next(y, beta, unit, g.squareRoot(unit), slow) },
  ];
  return { name, slow, fast, program: program(states) };
}

const ring = (g: GraphBuilder, v: Node, by: number): Node =>
  g.gather(
    v,
    Array.from({ length: v.width }, (_, k) => (k + by + v.width) % v.width),
  );
const mean = (g: GraphBuilder, v: Node, groups = 1): Node => g.divide(g.sum(v, groups), g.constant(v.width / groups));
const cube = (g: GraphBuilder, v: Node): Node => g.multiply(v, g.multiply(v, v));

/** x - x³ + c Σy/n; -y + x/2. */
const doubleWell: Drift = (g, x, y) => [
  g.add(g.subtract(x, cube(g, x)), g.multiply(g.constant(0.5), mean(g, y))),
  g.add(g.negate(y), g.multiply(g.constant(0.5), x)),
];

/** All shapes. */
export const SHAPES: readonly Shape[] = [
  shape('1+1', 1, 1, (g, x, y) => [
    g.add(g.subtract(x, cube(g, x)), g.multiply(g.constant(0.5), y)),
    g.add(g.negate(y), g.multiply(g.constant(0.5), x)),
  ]),
  shape('1+4 double well', 1, 4, doubleWell),
  // Each fast one is drawn to the mean of all.
  shape('1+40 mean field', 1, 40, (g, x, y) => {
    const average = mean(g, y);
    return [g.add(g.subtract(x, cube(g, x)), g.multiply(g.constant(0.5), average)), g.subtract(g.multiply(g.constant(0.5), g.add(x, average)), y)];
  }),
  // Two slow ones, each felt by half of a ring of fast ones.
  shape('2+60 ring', 2, 60, (g, x, y) => [
    g.add(g.subtract(x, cube(g, x)), mean(g, y, 2)),
    g.add(
      g.subtract(
        g.gather(
          x,
          Array.from({ length: 60 }, (_, k) => Math.floor(k / 30)),
        ),
        y,
      ),
      g.multiply(g.constant(0.25), g.subtract(ring(g, y, 1), ring(g, y, -1))),
    ),
  ]),
  shape('8+256 Lorenz 96', 8, 256, (g, x, y) => [
    g.add(
      g.add(g.subtract(g.negate(g.multiply(ring(g, x, -1), g.subtract(ring(g, x, -2), ring(g, x, 1)))), x), g.constant(10)),
      g.multiply(g.constant(-0.8), mean(g, y, 8)),
    ),
    g.add(
      g.subtract(g.negate(g.multiply(ring(g, y, 1), g.subtract(ring(g, y, 2), ring(g, y, -1)))), y),
      g.gather(
        x,
        Array.from({ length: 256 }, (_, k) => Math.floor(k / 32)),
      ),
    ),
  ]),
];
