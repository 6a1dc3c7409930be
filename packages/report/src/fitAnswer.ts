/** The answer of a fit in words and a table: what the averaged drift is, with intervals, and what the fit is worth. */
import { z } from 'zod';
import { withError } from './number.ts';

const estimate = z.looseObject({ estimate: z.number(), low: z.number(), high: z.number() });
const curve = z.looseObject({
  at: z.array(z.array(z.number())).describe('[points][slow components]'),
  estimate: z.array(z.array(z.number().nullable())).describe('[points][components]'),
  low: z.array(z.array(z.number().nullable())),
  high: z.array(z.array(z.number().nullable())),
});

/** What is shown and promised of the answer of a single fit; there is more in it. */
export const fitAnswerSchema = z.looseObject({
  level: z.number().describe('level of all intervals and bands'),
  parameters: z.record(z.string(), estimate).describe('learned parameters'),
  drift: curve.describe('averaged drift, with a band'),
  diffusion: curve.describe('averaged σσᵀ, row by row'),
  quantiles: z
    .array(estimate.extend({ share: z.number(), x: z.number() }))
    .describe('the drift at quantiles of the observations, for one slow component'),
  rank: z.number().describe('numerical rank of what the data see of the law'),
  restarts: z.array(z.looseObject({ start: z.string(), status: z.string() })),
  heldOut: z.looseObject({ nllPerTransition: z.number(), zeroDrift: z.number(), blocks: z.number() }),
  certificate: z
    .looseObject({ nll: z.number(), optimum: z.number().nullable(), natsAboveOptimum: z.number().nullable(), isInformative: z.boolean().nullable() })
    .describe('in nats of the whole data'),
  information: z.looseObject({ natsOverZeroDrift: z.number(), effectiveDegreesOfFreedom: z.number() }),
  data: z.looseObject({
    observations: z.number(),
    paths: z.number(),
    transitions: z.number(),
    gaps: z.number(),
    missing: z.number(),
    notes: z.array(z.string()),
  }),
  sentences: z.array(z.string()).describe('what the fit is worth, and what the data cannot support'),
});

/** Writes the answer of a single fit; nothing for any other answer. */
export function fitAnswerLines(answer: unknown): string[] {
  const { data: found, success } = fitAnswerSchema.safeParse(answer);
  if (!success) return [];
  const { level, parameters, quantiles, rank, certificate, information, data, sentences } = found;
  const percent = `${Math.round(100 * level)} %`;
  const interval = ({ low, high }: { low: number; high: number }): string => `[${low.toPrecision(4)}, ${high.toPrecision(4)}]`;
  const rows = quantiles.map((row) => [`${Math.round(100 * row.share)} %`, row.x.toPrecision(4), row.estimate.toPrecision(4), interval(row)]);
  const named = Object.entries(parameters).map(([name, value]) => [name, withError(value.estimate, value.low, value.high), interval(value)]);
  return [
    `${data.observations} observations in ${data.paths} ${data.paths === 1 ? 'path' : 'paths'}: ${data.transitions} transitions${data.gaps > 0 ? `, ${data.gaps} gaps` : ''}${data.missing > 0 ? `, ${data.missing} rows without a value` : ''}`,
    ...(rows.length === 0 ? [] : ['', ...columns([['quantile', 'at', 'drift', `${percent} interval`], ...rows])]),
    ...(named.length === 0 ? [] : ['', ...columns([['parameter', 'estimate', `${percent} interval`], ...named])]),
    '',
    `${certificate.natsAboveOptimum === null ? '' : `${certificate.natsAboveOptimum.toFixed(2)} nats above the best that any law could reach; `}${information.natsOverZeroDrift.toFixed(1)} nats over a zero drift with ${information.effectiveDegreesOfFreedom.toFixed(1)} degrees of freedom; rank ${rank}`,
    ...sentences,
    ...data.notes,
  ];
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, k) => Math.max(...rows.map((row) => row[k].length)));
  return rows.map((row) =>
    row
      .map((text, k) => (k === 0 ? text.padEnd(widths[k]) : text.padStart(widths[k])))
      .join('  ')
      .trimEnd(),
  );
}
