/** What a study lets an experiment say: its axes with their rules, its settings, its defaults. The reader knows no study; the caller brings this. */
import type { z } from 'zod';

/** What values of an axis must be. `scheme` is text too, named for what it says. */
export type ValueKind = 'positive' | 'nonnegative' | 'number' | 'whole' | 'truth' | 'scheme' | 'text';

/** An axis that a study has of its own. */
export interface KnownAxis {
  readonly about: string;
  readonly kind: ValueKind;
  /** Allowed text, where not all text is. */
  readonly oneOf?: readonly string[];
  /** True if an experiment may go without it; an axis with a default always may. */
  readonly optional?: boolean;
}

/** What a study lets an experiment say. */
export interface KnownStudy {
  readonly name: string;
  /** Its own axes; their order is the order in which rows are sorted. */
  readonly axes: Readonly<Record<string, KnownAxis>>;
  /** Axes (and `replicate`) where the experiment says nothing: written as in a file. */
  readonly defaults?: Readonly<Record<string, string | number>>;
  /** Settings: allowed at the top level or under `set`, and as axes by their dotted names. */
  readonly settings: z.ZodObject;
  /** What `keep` may name; default: trajectories. */
  readonly keep?: readonly string[];
}

/** Keys of an experiment that every study has. */
export const RESERVED_KEYS = ['name', 'about', 'study', 'model', 'axes', 'where', 'set', 'seed', 'keep'] as const;

/** Keys under `axes` that are no axes. */
export const AXES_KEYS = ['zip', 'sample', 'replicate'] as const;

/** An axis whose name begins so sets a parameter of the model. */
export const PARAMETER_PREFIX = 'model.parameters.';

/** What an axis may be, by its name. */
export interface AxisRule {
  readonly kind: ValueKind;
  readonly oneOf?: readonly string[];
  /** Says what is wrong with a value beyond its kind, or null. */
  readonly problem?: (value: unknown) => string | null;
}

/** Gives the rule of an axis; a sentence on why it cannot be one; or null for a name that nobody knows. */
export function axisRule(known: KnownStudy, name: string): AxisRule | string | null {
  if (Object.hasOwn(known.axes, name)) return known.axes[name];
  if (name.startsWith(PARAMETER_PREFIX)) {
    return /^[A-Za-z]\w*$/.test(name.slice(PARAMETER_PREFIX.length))
      ? { kind: 'number' }
      : `${name} is not the name of a parameter: write model.parameters.a`;
  }
  const schema = settingSchema(known.settings, name);
  if (schema === undefined) return null;
  const kind = kindOf(schema);
  if (kind === undefined) return `${name} is a list or a mapping, and cannot be an axis: numbers, text and true/false can`;
  const problem = (value: unknown): string | null => {
    const { error } = schema.safeParse(value) as { error?: { issues: { message: string }[] } };
    return error === undefined ? null : lowerFirst(error.issues[0].message);
  };
  return { kind, problem };
}

/** Lists the names that may be axes (parameters of the model aside), for messages. */
export function axisNames(known: KnownStudy): string[] {
  return [...new Set([...Object.keys(known.axes), ...settingNames(known.settings, '')])];
}

/** Gives the schema of a setting by its dotted name, or undefined. */
export function settingSchema(settings: z.ZodObject, name: string): z.ZodType | undefined {
  let schema: z.ZodType = settings;
  for (const part of name.split('.')) {
    const inner = branches(schema).flatMap(({ def }) =>
      def.type === 'object' && Object.hasOwn(def.shape, part)
        ? [def.shape[part] as z.ZodType]
        : def.type === 'record'
          ? [def.valueType as z.ZodType]
          : [],
    );
    if (inner.length === 0) return undefined;
    [schema] = inner;
  }
  return schema;
}

/** A schema without what says optional and so on; of a choice, each of the choices. */
function branches(schema: z.ZodType): readonly Definition['_zod'][] {
  const { _zod } = opened(schema);
  return _zod.def.type === 'union' ? _zod.def.options.flatMap((option) => branches(option as z.ZodType)) : [_zod];
}

/** Gives the keys of a mapping's schema, or null if the schema is of something else. */
export function shapeOf(schema: z.ZodType): Readonly<Record<string, z.ZodType>> | null {
  const { def } = opened(schema)._zod;
  return def.type === 'object' ? (def.shape as Record<string, z.ZodType>) : null;
}

type Definition = { readonly _zod: z.core.$ZodTypes['_zod'] };

/** Takes off what says optional, default and so on. */
function opened(schema: z.ZodType): Definition {
  const { def } = (schema as unknown as Definition)._zod;
  const inner = 'innerType' in def ? (def.innerType as z.ZodType) : def.type === 'pipe' ? (def.in as z.ZodType) : undefined;
  return inner === undefined ? (schema as unknown as Definition) : opened(inner);
}

function kindOf(schema: z.ZodType): ValueKind | undefined {
  const { def } = opened(schema)._zod;
  switch (def.type) {
    case 'number':
      return 'number';
    case 'string':
    case 'enum':
      return 'text';
    case 'boolean':
      return 'truth';
    case 'literal':
      return typeof def.values[0] === 'number' ? 'number' : 'text';
    case 'union': {
      const kinds = def.options.map((option) => kindOf(option as z.ZodType)).filter((kind) => kind !== undefined);
      return kinds[0];
    }
    default:
      return undefined;
  }
}

/** Lists settings that can be axes, nested ones with dots. */
function settingNames(schema: z.ZodType, prefix: string): string[] {
  const shapes = branches(schema).flatMap(({ def }) => (def.type === 'object' ? [def.shape] : []));
  const names = shapes.flatMap((shape) =>
    Object.entries(shape).flatMap(([key, inner]) => {
      const own = kindOf(inner as z.ZodType) === undefined ? [] : [`${prefix}${key}`];
      return [...own, ...settingNames(inner as z.ZodType, `${prefix}${key}.`)];
    }),
  );
  return [...new Set(names)];
}

/** Zod's sentences begin with a capital and stand here after a colon. */
function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
