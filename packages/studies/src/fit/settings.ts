/** Settings of the study `fit`, with their defaults and the reasons for them. Where nothing is said the fit's own defaults hold. */
import type { FitOptions, PenaltyChoice } from '@ergoflow/inference';
import { z } from 'zod';

const FAMILIES = ['coupling', 'spline', 'autoregressive', 'pushforward'] as const;

const weight = z.union([z.number().min(0), z.literal('auto')]).describe('nats; auto: chosen by held-out likelihood');

/** Data to be simulated. */
export const simulatedSchema = z.strictObject({
  simulate: z.enum(['full', 'averaged']).describe('the full system at its ε, or its averaged equation, which needs the model’s truth'),
  epsilon: z.number().positive().default(0.01).describe('scale separation ε of the full system'),
  observations: z.number().int().min(2).max(1e8).default(15_000).describe('observations of one data set'),
  spacing: z.number().positive().default(0.02).describe('slow time between two observations'),
  step: z.number().positive().optional().describe('largest time step; default epsilon/20, of the averaged equation spacing/10'),
  burnIn: z.number().min(0).default(0).describe('slow time before the first observation'),
  seed: z.number().int().min(0).optional().describe('seed of the data; default the experiment’s'),
});

const penaltySchema = z.strictObject({
  'relative-entropy': z
    .strictObject({ weight: weight.default('auto') })
    .optional()
    .describe('distance of the law from its reference'),
  moment: z
    .strictObject({ order: z.number().positive().default(2).describe('order p'), weight: weight.default('auto') })
    .optional()
    .describe('p-th absolute moment of the law'),
  entropy: z
    .strictObject({ weight: weight.default('auto') })
    .optional()
    .describe('negative entropy of the law'),
  stationarity: z
    .strictObject({ weight: weight.default('auto'), degree: z.number().int().min(1).optional().describe('largest degree of the test functions') })
    .optional()
    .describe('how far the law is from stationary under the fast equations'),
  constraint: z
    .array(z.strictObject({ function: z.string().describe('expression of the fast variables'), value: z.number(), weight: z.number().min(0) }))
    .optional()
    .describe('known expectations under the law'),
});

/** All settings. */
export const settingsSchema = z.strictObject({
  data: z
    .union([
      z.string().min(1).describe('path of a file (.csv, .arrow, .parquet) with columns t, the slow components, and path if there are several'),
      simulatedSchema,
    ])
    .describe('what was observed'),
  flow: z
    .union([
      z.literal('none'),
      z.enum(FAMILIES).transform((family) => ({ family })),
      z.strictObject({
        family: z.enum(FAMILIES).default('spline'),
        layers: z.number().int().min(1).max(64).optional().describe('couplings, autoregressive maps or residual blocks'),
        hidden: z
          .union([z.number().int().min(1).max(1024), z.array(z.number().int().min(1).max(1024)).max(8)])
          .optional()
          .describe('width of two hidden layers, or the width of each'),
        mixing: z.enum(['none', 'reverse', 'random', 'lu']).optional().describe('what stands between two layers'),
        bins: z.number().int().min(2).max(256).optional().describe('bins of a spline'),
        base: z.enum(['normal', 'student-t', 'normal-mixture']).optional().describe('base law; default normal'),
      }),
    ])
    .optional()
    .describe('how the law of the fast variables is represented; none: weighted points. Default a spline flow of two layers'),
  likelihood: z
    .strictObject({
      residual: z.enum(['two-halves', 'u-statistic', 'plug-in']).optional().describe('how residuals are made of samples; default u-statistic'),
      samples: z.number().int().min(2).max(1e6).optional().describe('samples of the law, a multiple of 16; default 256'),
    })
    .prefault({}),
  penalty: z
    .union([z.literal('none'), penaltySchema])
    .optional()
    .describe('what is added to the likelihood; default relative-entropy, its weight by held-out likelihood'),
  optimiser: z
    .strictObject({
      name: z.enum(['adam', 'l-bfgs']).optional(),
      steps: z.number().int().min(1).optional().describe('most steps of one restart'),
      learningRate: z.number().positive().optional(),
    })
    .prefault({}),
  restarts: z
    .number()
    .int()
    .min(1)
    .max(1000)
    .optional()
    .describe('restarts at the beginning; more are added while the certificate is not met. Default 1'),
  startShift: z.number().optional().describe('moves the start by so many standard deviations of the reference law; default 0'),
  blocks: z.number().int().min(2).max(100).optional().describe('blocks of time, each left out once for the held-out likelihood; default 5'),
  largestStep: z
    .number()
    .positive()
    .optional()
    .describe('longest duration that counts as a transition; longer ones are gaps. Default 10 times the median'),
  conditional: z.boolean().optional().describe('whether the law depends on the slow state; default as the fast equations tell'),
  reference: z
    .strictObject({ mean: z.array(z.number()).optional(), scale: z.array(z.number().positive()).optional() })
    .optional()
    .describe('mean and size of the fast components before the data, in their units; default 0 and 1'),
  learn: z.boolean().default(true).describe('learn the parameters that the model says; false: they stay what they are, and the law alone is learned'),
  ignorePriors: z.boolean().optional().describe('maximum likelihood instead of the largest posterior density; default false'),
  backend: z.enum(['fused', 'tensorflow']).default('fused').describe('machine code of ours, or the operations of TensorFlow'),
  level: z.number().gt(0).lt(1).default(0.95).describe('level of the intervals over data sets'),
});

/** Settings, checked. */
export type Settings = z.infer<typeof settingsSchema>;

/** Data to be simulated, checked. */
export type Simulated = z.infer<typeof simulatedSchema>;

/** The settings as a fit takes them: JSON, as they are part of what identifies a task. */
export function fitOptions(settings: Settings): Omit<FitOptions, 'target' | 'seed'> {
  const { flow, likelihood, penalty, optimiser, reference, restarts, startShift, blocks, largestStep, conditional, ignorePriors, backend } = settings;
  return given({
    flow: flow === undefined || flow === 'none' ? flow : flowSpec(flow),
    likelihood: given(likelihood),
    penalties: penalty === undefined ? undefined : penalty === 'none' ? [] : penaltiesOf(penalty),
    optimiser: given(optimiser),
    reference: reference === undefined ? undefined : given(reference),
    restarts,
    startShift,
    blocks,
    largestStep,
    conditional,
    ignorePriors,
    backend,
  }) as Omit<FitOptions, 'target' | 'seed'>;
}

function flowSpec({
  hidden,
  base,
  ...rest
}: Exclude<NonNullable<Settings['flow']>, 'none'> & { readonly hidden?: unknown; readonly base?: unknown }) {
  return given({
    ...rest,
    hidden: typeof hidden === 'number' ? [hidden, hidden] : hidden,
    base: base === undefined ? undefined : { law: base },
  });
}

function penaltiesOf({ constraint = [], ...rest }: z.infer<typeof penaltySchema>): PenaltyChoice[] {
  const simple = Object.entries(rest).flatMap(([kind, value]) => (value === undefined ? [] : [{ kind, ...given(value) } as PenaltyChoice]));
  return [...simple, ...constraint.map((one): PenaltyChoice => ({ kind: 'constraint', ...one }))];
}

/** Leaves out what is undefined. */
function given<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as T;
}
