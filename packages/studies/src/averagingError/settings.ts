/** Settings of the study `averaging-error`, with their defaults and the reasons for them. */
import { z } from 'zod';

const interval = z.tuple([z.number(), z.number()]).refine(([low, high]) => low < high, 'the lower end must be below the upper end');

/** All settings. */
export const settingsSchema = z.strictObject({
  horizon: z.number().positive().default(1).describe('length of the paths in slow time'),
  level: z.number().gt(0).lt(1).default(0.95).describe('level of all intervals'),
  effort: z
    .number()
    .positive()
    .max(1)
    .default(1)
    .describe('share of the replicates that a cell gets; as an axis such as min(1, 20*epsilon) it spends less where paths are long'),
  testFunctions: z
    .array(z.string())
    .min(1)
    .optional()
    .describe('expressions of the slow variables whose expectations are compared; default x and x^2 of each'),
  bounds: z
    .record(z.string(), interval)
    .optional()
    .describe('by slow variable: a path that leaves [low, high] is counted as out-of-bounds and left out'),
  check: z
    .strictObject({
      fraction: z.number().positive().max(1).default(0.0625).describe('replicates of the halved-step check, as a fraction of the replicates'),
      min: z.number().int().min(2).default(64).describe('and at least so many'),
    })
    .prefault({})
    .describe('the check that measures and removes the bias of the step'),
  trajectories: z
    .strictObject({
      replicates: z.number().int().min(1).default(16).describe('number of paths that keep: trajectories keeps'),
      every: z.number().positive().default(0.01).describe('slow time between the points kept'),
    })
    .prefault({})
    .describe('what keep: trajectories keeps'),
  stationary: z
    .strictObject({
      burnIn: z.number().nonnegative().default(10).describe('slow time before the average'),
      duration: z.number().positive().default(50).describe('slow time that is averaged over'),
      sampleEvery: z.number().positive().default(0.05).describe('slow time between samples'),
      replicates: z.number().int().min(2).optional().describe('number of long paths; default as many as replicates'),
    })
    .optional()
    .describe('compare long-time averages as well; needs slow time scales shorter than the burn-in'),
  reference: z
    .strictObject({
      from: z
        .enum(['truth', 'ergodic'])
        .optional()
        .describe("averaged coefficients: the model's closed forms, or averages of the frozen fast process; default truth where given"),
      chains: z.number().int().min(8).default(256).describe('independent chains of the frozen fast process, in 8 batches'),
      duration: z.number().positive().default(500).describe('length of each chain in the fast process’s own time'),
      step: z.number().positive().max(1).default(0.05).describe('step of the chains in that time; they also run at half of it'),
      nodes: z.number().int().min(7).optional().describe('nodes of the grid in each slow direction; default 33, or 15 in each of two'),
      range: z
        .record(z.string(), interval)
        .optional()
        .describe('by slow component, the extent of the grid; default: what pilot paths visit, and half as much again on both sides'),
      pilotEpsilon: z.number().positive().default(0.05).describe('ε of the pilot paths'),
    })
    .prefault({})
    .describe('the averaged equation, where its coefficients are not known in closed form'),
});

/** Settings, checked. */
export type Settings = z.infer<typeof settingsSchema>;
