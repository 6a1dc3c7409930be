/** Settings of the study `simulate`, with their defaults and the reasons for them. */
import { z } from 'zod';

const expression = z.string().describe('expression of the variables');

/** All settings. */
export const settingsSchema = z.strictObject({
  horizon: z.number().positive().default(1).describe('length of the paths in slow time'),
  paths: z.boolean().default(true).describe('keep the paths as Arrow files'),
  every: z.number().positive().default(0.01).describe('slow time between the points kept'),
  fast: z.boolean().default(true).describe('keep the fast variables too'),
  level: z.number().gt(0).lt(1).default(0.95).describe('level of all intervals'),
  observe: z
    .array(expression)
    .optional()
    .describe(
      'expressions of slow and fast variables whose expectations at the horizon are estimated; default x and x^2 of each slow variable from 16 paths on',
    ),
  stationary: z
    .strictObject({
      burnIn: z.number().min(0).describe('slow time after which the paths count as stationary; averages go from there to the horizon'),
      sampleEvery: z.number().positive().default(0.1).describe('slow time between two samples of the averages'),
      observe: z
        .array(expression)
        .optional()
        .describe('expressions whose stationary expectations are estimated; default x and x^2 of each slow variable'),
      density: z
        .array(
          z.strictObject({
            of: expression,
            low: z.number().describe('lower end of the first bin'),
            high: z.number().describe('upper end of the last bin'),
            bins: z.number().int().min(1).max(1000).default(50).describe('number of bins'),
          }),
        )
        .default([])
        .describe('stationary densities to estimate, bin by bin'),
      autocorrelation: z
        .array(
          z.strictObject({
            of: expression,
            upTo: z.number().positive().describe('largest lag, in slow time'),
            lags: z.number().int().min(1).max(1000).default(20).describe('number of lags, evenly spaced; fewer where samples are further apart'),
          }),
        )
        .default([])
        .describe('stationary autocorrelations to estimate'),
    })
    .optional()
    .describe('estimate averages over the stationary law as well'),
  passage: z
    .strictObject({ when: z.string().describe('condition on the variables and t, such as x > 0.5; the path has passed once it holds after a step') })
    .optional()
    .describe('estimate when paths first meet a condition'),
  check: z
    .strictObject({
      fraction: z
        .number()
        .positive()
        .max(1)
        .optional()
        .describe(
          'replicates of the halved-step check, as a fraction of the replicates; default 0.5 with passage, else 0.1 with stationary, else 0.01',
        ),
      min: z.number().int().min(3).default(256).describe('and at least so many, or as many as there are replicates'),
    })
    .prefault({})
    .describe('the check that measures and removes the bias of the step'),
});

/** Settings, checked. */
export type Settings = z.infer<typeof settingsSchema>;

/**
 * Share of the check where none is given: near the best split of a fixed cost between n paths at the step and m coupled ones, m/n = √(V′ c/(V c′)) with
 * variances V and costs c. Differences over a halved step are small for smooth functions, less so for bins, and large for times of passage, whose bias
 * is of order √h.
 */
export function checkFraction({ check, passage, stationary }: Settings): number {
  return check.fraction ?? (passage !== undefined ? 0.5 : stationary !== undefined ? 0.1 : 0.01);
}
