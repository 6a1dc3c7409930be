import { assertProportion } from '@ergoflow/testing';
import { expect, it } from 'vitest';
import { standardNormals } from '../convex/standardNormals.ts';
import { informationAt } from '../fixtures/informationAt.ts';

it('information is claimed for data without a drift as seldom as stated', () => {
  const runs = 800;
  const normals = standardNormals(200, runs, ['information', 2]);
  let alarms = 0;
  for (let run = 0; run < runs; run++) {
    const { isInformative, falseAlarm } = informationAt(
      () => 0,
      200,
      Float64Array.from(normals, (values) => values[run]),
    );
    expect(falseAlarm).toBe(0.01);
    if (isInformative) alarms += 1;
  }
  // False-alarm rate 1e-6; a proportion of 0.08 would be seen.
  assertProportion(alarms, runs, 0.01, { detects: 0.07 }, 'atMost');
}, 600_000);
