/** The keys that a zod schema allows at a path: what a message about an unknown key lists. */
import type { z } from 'zod';
import type { Path } from './place.ts';

type Schema = z.core.$ZodType;

/** Wrappers and unions nest by a few levels; a schema that contains itself would never end. */
const MAX_LEVELS = 32;

/** Lists the keys of the object schemas at a path, of all branches of a union; in the schema's order, without repeats. */
export function keysAt(schema: Schema, path: Path): string[] {
  let schemas = opened(schema);
  for (const part of path) schemas = schemas.flatMap((one) => partsOf(one, part)).flatMap((one) => opened(one));
  const keys = schemas.flatMap((one) => {
    const { def } = (one as z.core.$ZodTypes)._zod;
    return def.type === 'object' ? Object.keys(def.shape) : [];
  });
  return [...new Set(keys)];
}

/** Takes wrappers off and unions apart. */
function opened(schema: Schema, level = 0): Schema[] {
  if (level > MAX_LEVELS) return [];
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'readonly':
    case 'nonoptional':
    case 'catch':
      return opened(def.innerType, level + 1);
    case 'lazy':
      return opened(def.getter(), level + 1);
    case 'pipe':
      return opened(def.in, level + 1);
    case 'union':
      return def.options.flatMap((option) => opened(option, level + 1));
    case 'intersection':
      return [...opened(def.left, level + 1), ...opened(def.right, level + 1)];
    default:
      return [schema];
  }
}

function partsOf(schema: Schema, part: string | number): Schema[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type === 'object' && typeof part === 'string') {
    if (Object.hasOwn(def.shape, part)) return [def.shape[part]];
    return def.catchall === undefined ? [] : [def.catchall];
  }
  if (def.type === 'record' && typeof part === 'string') return [def.valueType];
  if (def.type === 'array' && typeof part === 'number') return [def.element];
  if (def.type === 'tuple' && typeof part === 'number') return def.items.slice(part, part + 1);
  return [];
}
