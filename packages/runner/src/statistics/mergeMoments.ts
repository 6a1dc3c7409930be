/** Merging the moments of many tasks. */
import { type MomentsRecord, mergeRecords } from './moments.ts';

/** Merges records of equal layout, name by name; names in order. */
export function mergeMoments(parts: readonly Readonly<Record<string, MomentsRecord>>[]): Record<string, MomentsRecord> {
  const byName = new Map<string, MomentsRecord[]>();
  for (const part of parts) {
    for (const [name, record] of Object.entries(part)) {
      const records = byName.get(name);
      if (records === undefined) byName.set(name, [record]);
      else records.push(record);
    }
  }
  return Object.fromEntries([...byName.keys()].sort().map((name) => [name, mergeRecords(byName.get(name) as MomentsRecord[])]));
}
