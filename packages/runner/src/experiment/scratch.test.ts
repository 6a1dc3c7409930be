import { test } from 'vitest';
import { z } from 'zod';
import { readYaml, InputError } from '@ergoflow/input';
import { readExperiment } from './readExperiment.ts';
import { expandAxes } from './expandAxes.ts';
import { resolveExperiment } from './resolveExperiment.ts';
const known = { name: 'averaging-error', axes: { epsilon: {about:'e', kind: 'positive' as const}, step: {about:'s', kind:'positive' as const}, scheme: {about:'x', kind:'scheme' as const}}, defaults: {step:'epsilon/20', scheme:'euler-maruyama'}, settings: z.strictObject({horizon: z.number().positive().default(1), reference: z.strictObject({nodes: z.number().int().default(33)}).prefault({})})};
test('x', () => {
  const d = readYaml(`study: averaging-error
model: double-well
axes:
  epsilon: geomspace(1e-3, 1e-1, 7)
  replicate: { target: 5% }
where: step <= epsilon/10
`, 'x.yaml');
  for (const o of [[], ['epsilon=0.1,0.01','horizon=1,2'], ['model.parameters.a=3'], ['reference.nodes=5,7'], ['epsilon=geomspace(1,2'], ['epsilom=3'], ['where=step<=epsilon/30'], ['step=min(epsilon/20, 0.001)'], ['epsilon=geomspce(1,2,3)'], ['epsilon=linspace(1,2,1e9)'], ['horizon=-1'], ['step=epsilon*foo'], ['step=horizon*epsilon/10'], ['epsilon=loguniform(1e-3,1e-1)', '+sample=sobol(4)']]) {
    try {
      const t = performance.now();
      const e = readExperiment(d, o, [known]);
      const r = expandAxes(e.axes);
      console.log(o, r.cells.map((c) => JSON.stringify(c.axes)).join('\n'), r.points, r.dropped, r.replicates);
      const y = resolveExperiment(e);
      console.log(y.yaml, y.json);
    } catch (x) { console.log(o, x instanceof InputError ? x.format() : x); }
  }
});
