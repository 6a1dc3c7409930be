/** The JSON Schema of an experiment of one study, for editors; what forms and formulas must be is checked when the experiment is read. */
import { modelSchema } from '@ergoflow/sde';
import type { Study } from '@ergoflow/studies';
import { z } from 'zod';

const same = (schema: z.ZodType): z.ZodType => schema;
const optional = (schema: z.ZodType): z.ZodType => schema.optional();

/** Makes the schema. */
export function experimentSchema({ name, about, axes, settings }: Study): unknown {
  const axis = z
    .union([z.number(), z.string(), z.boolean(), z.array(z.union([z.number(), z.string(), z.boolean()])).min(1)])
    .describe('A value, a list, a form such as geomspace(1e-3, 1e-1, 7), or a formula of other axes such as epsilon/20.');
  const replicate = z
    .union([
      z.int().min(1),
      z.strictObject({ count: z.int().min(1) }),
      z.strictObject({
        target: z.union([z.number(), z.string()]),
        level: z.number().optional(),
        min: z.int().optional(),
        max: z.int().optional(),
        metrics: z.union([z.string(), z.array(z.string())]).optional(),
      }),
    ])
    .describe('Number of replicates per cell, or the relative half-width that the intervals must reach.');
  const own = Object.fromEntries(Object.entries(axes).map(([key, { about: what }]) => [key, axis.describe(what).optional()]));
  const group = z.object(own).catchall(axis);
  const condition = z.string().describe('A condition on the axes, such as step <= epsilon/10.');
  const schema = z.strictObject({
    name: z.string().describe('Name of the results; default: that of the file.').optional(),
    about: z.string().optional(),
    study: z.literal(name).describe(about),
    model: z.union([z.string().describe('Name of a model, or the path of its file.'), modelSchema]),
    // A study without axes of its own may do without any.
    axes: (Object.keys(axes).length === 0 ? optional : same)(
      group.extend({
        zip: z
          .union([group, z.array(group)])
          .describe('Axes that go together, value by value.')
          .optional(),
        sample: z.string().describe('sobol(n), lhs(n) or random(n) over the axes that are distributions.').optional(),
        replicate: replicate.optional(),
      }),
    ),
    where: z.union([condition, z.array(condition)]).optional(),
    set: settings.partial().optional(),
    seed: z.int().min(0).optional(),
    keep: z
      .union([z.string(), z.array(z.string())])
      .describe('trajectories: keep some paths as Arrow files.')
      .optional(),
    ...settings.partial().shape,
  });
  return z.toJSONSchema(schema, { io: 'input' });
}
