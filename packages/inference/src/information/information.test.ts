import { describe, expect, it } from 'vitest';
import { standardNormals } from '../convex/standardNormals.ts';
import { informationAt } from '../fixtures/informationAt.ts';

describe('information', () => {
  it('of data with a drift grows with the time: gain, visible directions, and the sentence', () => {
    const [normals] = standardNormals(1, 8000, ['information', 1]);
    const [little, much] = [20, 8000].map((count) => informationAt((x) => 0.8 * Math.cos(x), count, normals));
    expect(little).toMatchObject({ isInformative: false, rank: 2, falseAlarm: 0.01 });
    expect(little.about).toMatch(/^The data cannot support a fit/);
    expect(much).toMatchObject({ isInformative: true, rank: 2, visible: 2 });
    // ½ ∫ b̄² dt = ½·0.32·400 nats is what the true drift gains on average, and its two coefficients gain about 1 more by chance.
    expect(much.gain).toBeGreaterThan(30);
    expect(much.gain).toBeLessThan(100);
    expect(much.degreesOfFreedom).toBeLessThanOrEqual(2);
    expect(much.about).toMatch(/nats more than a zero drift/);
  });
});
