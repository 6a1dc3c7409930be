import { expect, test } from 'vitest';
import { normalMoment } from './fixtures/normalLaw.ts';
import { cosine, directionMoments, lawBound, radiusLaw, sine } from './fixtures/pair.ts';

// All 344 million radii.
const law = radiusLaw(2 ** 23);
const points = [...Array.from({ length: 20 }, (_, k) => 2 ** (-k / 2)), 1.2, 1.5, 1.7, 2, 2.5, 3, 4, 5];

for (const [name, of] of [
  ['first', cosine],
  ['second', sine],
] as const) {
  test(`moments 2, 4, 6 and 8 of the ${name} normal are right within 1e-8, 1.5e-8, 2e-8 and 5e-8 of themselves`, () => {
    const moments = directionMoments(of);
    for (const [k, relative] of [1e-8, 1.5e-8, 2e-8, 5e-8].entries()) {
      expect(Math.abs((law.moments[k] * moments[k]) / normalMoment(2 * k + 2) - 1)).toBeLessThan(relative);
    }
  });

  test(`the law of the ${name} normal is Φ within 1e-7, in each part and together`, () => {
    const bound = lawBound(of, law, points);
    expect(bound.radius).toBeLessThan(1.2e-7);
    expect(bound.direction).toBeLessThan(4e-8);
    expect(bound.total).toBeLessThan(1e-7);
  });
}
