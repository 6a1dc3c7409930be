/** A linear constraint E g(y) = c as a penalty, (E g − c)²: what is known of the fast law beside the path, such as a mean or a probability. */
import { graphBuilder, type Node, parseExpression, type Tensor, tensorsOf } from '@ergoflow/kernels';
import { lowerIn } from '@ergoflow/sde';
import type { Penalty } from './penalty.ts';

/**
 * Makes the penalty.
 *
 * @param text g, an expression of fast variables (and slow ones, where the law depends on them) and parameters.
 * @param value c.
 * @throws ExpressionError where the text is no expression or uses unknown names.
 */
export function constraint(text: string, value: number): Penalty {
  const expression = parseExpression(text);
  return (g, { model, fast, slow, parameters, squaredMean }) => {
    const graph = graphBuilder({ keepFunctions: true });
    const variables = [...model.fast, ...model.slow].filter(({ name }) => fast[name] !== undefined || slow[name] !== undefined);
    const values = new Map(variables.map(({ name, size }): [string, Node] => [name, graph.state(name, size)]));
    const node = lowerIn(model, expression, graph, values, graph.constant(0), undefined);
    const bind = (leaf: Node): Tensor => fast[leaf.name] ?? slow[leaf.name] ?? parameters[leaf.name.replace(/^parameter\./, '')];
    const [tensor] = tensorsOf(g, [node], bind);
    return squaredMean(g.subtract(tensor, g.constant(value)));
  };
}
