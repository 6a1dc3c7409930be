/** The content of `summary.json`: what scripts may rely on, and all that the report shows. */
import { z } from 'zod';
import { fitAnswerSchema } from './fitAnswer.ts';

const axes = z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])).describe('value of each axis');

const metric = z
  .object({
    estimate: z.number().describe('the bias of the step taken off'),
    low: z.number(),
    high: z.number(),
    level: z.number().describe('level of the interval [low, high]'),
    standardError: z.number().describe('Monte Carlo deviation of the estimate'),
    systematic: z.number().describe('bound of the error that more replicates do not reduce'),
    atStep: z.number().describe('estimate at the step, its bias included'),
    budget: z
      .object({
        monteCarlo: z.number().describe('half-width due to the finite number of replicates'),
        step: z.number().describe('size of the bias of the step, which the estimate no longer has'),
        reference: z.number().describe('half-width due to the error of the averaged coefficients'),
      })
      .describe('what the error is made of'),
    orders: z
      .object({
        expected: z.number().optional().describe('order of the metric'),
        next: z.number().describe('how much faster the next term falls'),
      })
      .optional()
      .describe('what theory says of the metric where the axes of a fit go to 0'),
  })
  .describe('an estimate with its interval');

const fit = z
  .object({
    metric: z.string(),
    against: z.string(),
    where: axes,
    slope: z.number(),
    low: z.number(),
    high: z.number(),
    level: z.number(),
    verdict: z.enum(['asymptotic', 'pre-asymptotic', 'noise-limited']),
    reason: z.string(),
    expected: z.number().optional().describe('order that theory expects'),
    points: z.number(),
    from: z.number(),
    to: z.number(),
    constant: z.number().describe('C of the curve C·at^slope·exp(next·at^nextOrder)'),
    next: z.number().describe('size of the next term'),
    nextOrder: z.number().describe('how much faster than the first the next term falls'),
    chiSquared: z.number(),
    degreesOfFreedom: z.number(),
  })
  .describe('a fitted order of convergence');

/** JSON Schema comes of this. */
export const summarySchema = z.object({
  experiment: z.string(),
  study: z.string(),
  status: z.enum(['done', 'drained', 'failed']),
  tasks: z.object({ total: z.number(), done: z.number(), failed: z.number(), reused: z.number(), remaining: z.number() }),
  cells: z.array(
    z.object({
      axes,
      count: z.number().describe('replicates that count in the estimates'),
      failures: z.record(z.string(), z.number()).describe('lost replicates by kind'),
      metrics: z.record(z.string(), metric),
    }),
  ),
  fits: z.array(fit),
  answer: z
    .union([
      fitAnswerSchema.describe('of a single fit'),
      z.object({ cells: z.array(z.object({ axes, answer: z.record(z.string(), z.unknown()) })) }).describe('of several cells'),
      z.record(z.string(), z.unknown()),
    ])
    .describe("the study's own result; empty for studies whose result is their metrics"),
  dropped: z.array(z.object({ where: z.string(), count: z.number() })).describe('points that guards took away'),
  failures: z.array(z.object({ task: z.string(), kind: z.string(), message: z.string() })).describe('tasks that failed'),
  files: z.record(z.string(), z.string()),
  seconds: z.number(),
  cpuSeconds: z.number(),
});

/** A run's summary. */
export type Summary = z.infer<typeof summarySchema>;
/** One of its cells. */
export type SummaryCell = Summary['cells'][number];
/** One of its fitted orders. */
export type SummaryFit = Summary['fits'][number];
/** One of its estimates. */
export type SummaryMetric = SummaryCell['metrics'][string];
