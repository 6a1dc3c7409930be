/** Merging the moments of many tasks. */
import { type MomentsRecord, momentsAccumulator } from './moments.ts';

/** Merges records of equal layout, name by name. */
export function mergeMoments(parts: readonly Readonly<Record<string, MomentsRecord>>[]): Record<string, MomentsRecord> {
  const names = [...new Set(parts.flatMap((part) => Object.keys(part)))].sort();
  return Object.fromEntries(
    names.map((name) => {
      const records = parts.flatMap((part) => part[name] ?? []);
      const [first] = records;
      const accumulator = momentsAccumulator({ names: first.sums.map((_, k) => `${k}`), pairs: first.products.map(() => [0, 0]) });
      for (const record of records) accumulator.merge(record);
      return [name, accumulator.record()];
    }),
  );
}
