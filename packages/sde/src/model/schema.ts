/** The shape of a model file as a zod schema: for checks, and as JSON Schema for editors. */
import { z } from 'zod';
import { PRIORS } from './priors.ts';

/** Most components of one variable; a graph has a node's worth of indices for each. */
export const MAX_SIZE = 10_000;

/** Unit-speed time of the burn-in: e^-20 of the start remains where the slowest rate is 1. */
export const DEFAULT_BURN_IN = 20;

const about = z.string().describe('What it is, in words.').optional();
const unit = z.string().describe('Unit of measurement, for tables and figures.').optional();
const expression = z.union([z.string().min(1), z.number()]).describe('A number or an expression, such as a*x - c*x^3.');
const expressions = z.array(expression).min(1);
const matrix = z.array(expressions).min(1);
const processNames = z.array(z.string()).min(1).describe('Names of the Wiener processes, one for each column of the noise.').optional();

const noise = z
  .union([expression, z.array(z.union([expression, expressions])).min(1), z.record(z.string(), expression)])
  .describe(
    'Intensity of the noise: an expression, one per component or process in a list, a matrix (a row per component, a column per process), or a mapping from process names to expressions. Default: none.',
  )
  .optional();

const variable = z
  .strictObject({
    size: z.int().min(1).max(MAX_SIZE).describe('Number of components; given, the variable is a vector and i is the own index.').optional(),
    drift: expression.describe('Deterministic part of the equation; for a fast variable at unit speed, or unknown.'),
    noise,
    processes: processNames,
    start: z
      .union([expression, expressions])
      .describe(
        'Value at time 0: an expression of parameters and i, a list of them, or stationary. Default: 0 for slow variables, stationary for fast ones.',
      )
      .optional(),
    unit,
    about,
  })
  .describe('One variable: its equation and where it begins.');

const group = z
  .object({
    noise: matrix.describe('Noise of all variables of the group: a row per component, a column per process.').optional(),
    processes: processNames,
  })
  .catchall(variable);

const parameter = z
  .union([
    expression,
    z.strictObject({
      value: expression.describe('Its value: a number or an expression of other parameters.'),
      learn: z.boolean().describe('True if a fit may change it. Default: false.').optional(),
      prior: z
        .string()
        .min(1)
        .describe(`Prior density: ${PRIORS.map(({ usage }) => usage).join(', ')}.`)
        .optional(),
      unit,
      about,
    }),
  ])
  .describe('A constant of the equations.');

const averages = z.record(z.string(), z.union([expression, expressions]));

/** Shape of a model file; what names and sizes must be is checked by `readModel`. */
export const modelSchema = z
  .strictObject({
    name: z.string().min(1).max(100).describe('Name of the model.').optional(),
    about,
    slow: group.describe('Slow variables by name.'),
    fast: group.describe('Fast variables by name, written at unit speed: 1/epsilon and 1/sqrt(epsilon) are applied by the program.').optional(),
    parameters: z.record(z.string(), parameter).describe('Constants by name.').optional(),
    burnIn: z
      .number()
      .positive()
      .max(1e6)
      .describe(`Time at unit speed until the frozen fast process counts as stationary. Default: ${DEFAULT_BURN_IN}.`)
      .optional(),
    tables: z
      .record(
        z.string(),
        z.strictObject({
          grid: z
            .array(z.strictObject({ low: z.number(), high: z.number(), count: z.int().min(4).describe('Number of nodes, both ends included.') }))
            .min(1)
            .max(3)
            .describe('One for each argument: evenly spaced nodes.'),
          values: z.array(z.number()).describe('Values at the nodes; the last argument runs fastest.'),
        }),
      )
      .describe('Functions by their values: cubic between the nodes, outside the grid the value at its nearest edge.')
      .optional(),
    truth: z
      .strictObject({
        drift: averages.describe('Averaged drift by slow variable: of slow variables, parameters and t.'),
        diffusion: averages.describe('Entries of the averaged σσᵀ by "x" or "x z"; what is not listed is 0.').optional(),
        about,
      })
      .describe('Averages over the invariant law of the fast process in closed form.')
      .optional(),
  })
  .describe('A slow–fast stochastic model.');

/** A model file's content, of the right shape. */
export type ModelShape = z.infer<typeof modelSchema>;

/** A variable's content, of the right shape. */
export type VariableShape = z.infer<typeof variable>;

/** A group's content, of the right shape. */
export type GroupShape = z.infer<typeof group>;

/** A number or the text of an expression. */
export type ExpressionShape = z.infer<typeof expression>;
