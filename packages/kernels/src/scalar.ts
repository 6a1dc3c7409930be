/** Graph macros as functions of numbers: the same arithmetic, and so the same bits, as in a kernel. */

import { FUNCTIONS } from './functions/table.ts';
import { type GraphBuilder, graphBuilder, type Node, reachable } from './graph.ts';
import { printScalars, SUPPORT } from './targets/print.ts';

/**
 * Turns a macro over nodes into a function of numbers.
 *
 * @param build Makes the result's node from the arguments' nodes; scalar nodes only. A truth value becomes 1 or 0.
 * @param arity Number of arguments.
 */
export function scalarOf(build: (g: GraphBuilder, ...inputs: Node[]) => Node, arity: number): (...x: number[]) => number {
  const g = graphBuilder();
  const names = Array.from({ length: arity }, (_, k) => `a${k}`);
  const result = build(g, ...names.map((name) => g.state(name)));
  const text = [`return function (${names.join(', ')}) {`, ...printScalars(reachable([result]), 'n')];
  text.push(`return ${result.mask ? `n${result.id} ? 1 : 0` : `n${result.id}`};`, '};');
  return new Function(...Object.keys(SUPPORT), text.join('\n'))(...Object.values(SUPPORT)) as (...x: number[]) => number;
}

const made = new Map<string, (...x: number[]) => number>();

/**
 * Gives an elementary function of the table as a function of numbers.
 *
 * @throws RangeError if the table has no such function.
 */
export function scalarFunction(name: string, arity = 1): (...x: number[]) => number {
  const row = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (row === undefined) throw new RangeError(`name must be an elementary function, got ${JSON.stringify(name)}`);
  const key = `${name}/${arity}`;
  const existing = made.get(key);
  if (existing !== undefined) return existing;
  const result = scalarOf(row.build, arity);
  made.set(key, result);
  return result;
}
