/** What is seen of a pair of paths: names of the observables, and the program that adds them up at a time. */
import { type GraphBuilder, graphBuilder, type Node, type Program, type ProgramState, parseExpression, program } from '@ergoflow/kernels';
import { DIFFERENCE, lowerIn, type Model, slowComponents, stateName, type Values } from '@ergoflow/sde';

/** Name of an observable of a pair. */
export const observableName = (pair: string, observable: string): string => `${pair}.${observable}`;

/** Names of a pair's observables: distances, and differences of the test functions. */
export const observablesOf = (testFunctions: readonly string[]): string[] => ['squared', 'squared-sup', ...testFunctions.map((_, k) => `f${k}`)];

/** The control of each test function's difference: an observable whose mean is exactly 0, and which is 0 where there is none. */
export const controlsOf = (testFunctions: readonly string[]): ReadonlyMap<string, string> => new Map(testFunctions.map((_, k) => [`f${k}`, `c${k}`]));

/** |X - X̄|² over all slow components. */
export function squaredDistance(g: GraphBuilder, model: Model, full: Values, averaged: Values): Node {
  let total: Node = g.constant(0);
  for (const { name } of model.slow) {
    const difference = g.subtract(full.get(name) as Node, averaged.get(name) as Node);
    total = g.add(total, g.sum(g.multiply(difference, difference)));
  }
  return total;
}

/** Makes the program that adds each observable to its running sum: the control of f is Σ_j ∂f/∂x_j(X̄)·C_j, 0 without C. */
export function observeProgram(model: Model, testFunctions: readonly string[], isControlled: boolean): Program {
  const g = graphBuilder();
  const valuesOf = (member: string): Values =>
    new Map(model.slow.map(({ name, size }): [string, Node] => [name, g.state(stateName(member, name), size)]));
  const [full, averaged] = [valuesOf('full'), valuesOf('averaged')];
  const value = (text: string, values: Values): Node => lowerIn(model, parseExpression(text), g, values, g.constant(0), undefined);
  const add = (name: string, amount: Node): ProgramState => ({ name, width: 1, next: g.add(g.state(name), amount) });
  const control = (text: string): Node => {
    const here = value(text, averaged);
    let total: Node = g.constant(0);
    for (const { variable, index } of slowComponents(model)) {
      const at = averaged.get(variable) as Node;
      const unit = g.constant(Array.from({ length: at.width }, (_, k) => (k === index ? DIFFERENCE : 0)));
      const change = g.subtract(value(text, new Map([...averaged, [variable, g.add(at, unit)]])), here);
      const size = g.gather(g.state(stateName('control', variable), at.width), [index]);
      total = g.add(total, g.multiply(g.divide(change, g.constant(DIFFERENCE)), size));
    }
    return total;
  };
  const members = isControlled ? ['full', 'averaged', 'control'] : ['full', 'averaged'];
  return program([
    ...model.slow.flatMap(({ name, size }) => members.map((member) => ({ name: stateName(member, name), width: size, next: null }))),
    add('squared', squaredDistance(g, model, full, averaged)),
    ...testFunctions.flatMap((text, k) => [
      add(`f${k}`, g.subtract(value(text, full), value(text, averaged))),
      add(`c${k}`, isControlled ? control(text) : g.constant(0)),
    ]),
  ]);
}
