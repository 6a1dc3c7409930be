/** The fitted reduced model as a model file: averaged coefficients as tables on the visited range, constant beyond it. */
import type { JsonObject } from '@ergoflow/runner';
import { yamlText } from '@ergoflow/runner';
import { type Model, slowComponents, slowNoiseIsFast } from '@ergoflow/sde';
import type { KeptFit } from './results.ts';

/** Writes the model; null where the fit has no tables (more than two slow components). */
export function fittedModelText(model: Model, written: JsonObject, { reduced, parameters }: KeptFit): string | null {
  if (reduced === null) return null;
  const components = slowComponents(model);
  const labels = components.map(({ label }) => label);
  const call = (table: string): string => `${table}(${labels.join(', ')})`;
  const drifts = new Map(components.map(({ label }, k) => [label, `drift_${k + 1}`]));
  const isFast = slowNoiseIsFast(model);
  const slow = written.slow as Readonly<Record<string, JsonObject>>;
  const variables = model.slow.map(({ name, size, vector }) => {
    const own = components.filter(({ variable }) => variable === name).map(({ label }) => call(drifts.get(label) as string));
    const drift = own.reduceRight((rest, text, k) => (k === own.length - 1 ? text : `if(i == ${k + 1}, ${text}, ${rest})`), '');
    const { drift: _drift, noise, processes, ...rest } = slow[name];
    return [name, { ...rest, ...(vector ? { size } : {}), drift, ...(isFast ? {} : given({ noise, processes })) }] as const;
  });
  const group = isFast
    ? { noise: factor(labels.length, (i, j) => call(`diffusion_${j + 1}_${i + 1}`)) }
    : given({ noise: slow.noise, processes: slow.processes });
  const tables = Object.entries(reduced.tables).map(([name, values]) => [tableName(name, labels), { grid: reduced.axes, values }] as const);
  return yamlText({
    name: `fitted-${model.name}`,
    about: `Averaged equation of ${model.name} as fitted: tables on the visited range, and beyond it their values at its edge.`,
    slow: { ...Object.fromEntries(variables), ...group } as unknown as JsonObject,
    parameters: { ...parameters },
    tables: Object.fromEntries(tables) as unknown as JsonObject,
  });
}

/** `drift x` becomes drift_1, `diffusion x z` diffusion_1_2. */
function tableName(coefficient: string, labels: readonly string[]): string {
  const [kind, ...of] = coefficient.split(' ');
  return [kind, ...of.map((label) => labels.indexOf(label) + 1)].join('_');
}

/** Lower Cholesky factor of ā for one or two components, as expressions; rounding below 0 counts as 0. */
function factor(size: number, entry: (row: number, column: number) => string): string[][] {
  const root = (text: string): string => `sqrt(max(0, ${text}))`;
  if (size === 1) return [[root(entry(0, 0))]];
  const first = root(entry(0, 0));
  const lower = `if(${entry(0, 0)} > 0, ${entry(1, 0)}/sqrt(max(1e-300, ${entry(0, 0)})), 0)`;
  return [
    [first, '0'],
    [lower, root(`${entry(1, 1)} - (${lower})^2`)],
  ];
}

const given = (parts: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined));
