/** Settings of the study `step-size`, with their defaults and the reasons for them. */
import { z } from 'zod';

/** All settings. */
export const settingsSchema = z.strictObject({
  horizon: z.number().positive().default(1).describe('length of the paths in slow time; a whole number of every step'),
  level: z.number().gt(0).lt(1).default(0.95).describe('level of all intervals'),
  testFunctions: z
    .array(z.string())
    .min(1)
    .optional()
    .describe('expressions of the slow variables whose expectations are compared; default x and x^2 of each'),
  reference: z
    .strictObject({
      refinement: z
        .number()
        .int()
        .min(4)
        .max(1024)
        .multipleOf(2)
        .default(32)
        .describe('steps of the reference in one step; it also runs at half as many, which tells its own error'),
      scheme: z
        .string()
        .optional()
        .describe('scheme of the reference; default that of the highest strong order for the noise: strong-three-halves, milstein or euler-maruyama'),
    })
    .prefault({})
    .describe('the fine-step reference on the same Wiener paths'),
});

/** Settings, checked. */
export type Settings = z.infer<typeof settingsSchema>;
