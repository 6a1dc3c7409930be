import { describe, expect, it } from 'vitest';
import { ObservationError, quadraticVariation, transitionsOf } from './transitions.ts';

const path = (times: number[], ...values: number[][]) => ({ times: Float64Array.from(times), values: values.map((list) => Float64Array.from(list)) });

describe('transitions', () => {
  it('go from one observation to the next of the same path, never across paths, and leave out gaps', () => {
    const made = transitionsOf([path([0, 1, 2.5, 40, 41], [0, 2, 3, 9, 8], [1, 1, 0, 0, 5]), path([7, 8], [5, 4], [0, 1])]);
    expect(made).toEqual({
      count: 4,
      from: [Float64Array.of(0, 2, 9, 5), Float64Array.of(1, 1, 0, 0)],
      increment: [Float64Array.of(2, 1, -1, -1), Float64Array.of(0, -1, 5, 1)],
      duration: Float64Array.of(1, 1.5, 1, 1),
      gaps: 1,
    });
  });

  it('are cut at the largest step that is asked for', () => {
    expect(transitionsOf([path([0, 1, 2.5, 3], [0, 1, 2, 3])], { largestStep: 1 })).toMatchObject({ count: 2, gaps: 1 });
    expect(() => transitionsOf([path([0, 1], [0, 1])], { largestStep: 0.5 })).toThrow('largestStep must leave at least one transition, got 0.5');
  });

  const bad: [string, Parameters<typeof transitionsOf>[0], number, number][] = [
    ['the time must be later', [path([0, 1], [0, 1]), path([0, 1, 1], [0, 0, 0])], 1, 2],
    ['the time must be finite', [path([0, Number.NaN], [0, 1])], 0, 1],
    ['component 2 must be finite', [path([0, 1, 2], [0, 1, 2], [0, Number.POSITIVE_INFINITY, 0])], 0, 1],
    ['every component must have 2 values', [path([0, 1], [0])], 0, 0],
    ['values must have 1 components', [path([0, 1], [0, 1]), path([0, 1], [0, 1], [0, 1])], 1, 0],
  ];
  it.each(bad)('are refused with path and index: %s', (message, paths, at, index) => {
    expect(() => transitionsOf(paths)).toThrow(message);
    try {
      transitionsOf(paths);
    } catch (error) {
      expect(error).toBeInstanceOf(ObservationError);
      expect(error).toMatchObject({ path: at, index });
    }
  });

  it('are refused where there are none', () => {
    expect(() => transitionsOf([])).toThrow('at least one path');
    expect(() => transitionsOf([path([0], [1])])).toThrow('at least one transition');
  });
});

it('the quadratic variation is the mean of dx dxᵀ/Δ, with the error of a mean', () => {
  const { diffusion, error } = quadraticVariation(transitionsOf([path([0, 1, 3], [0, 1, 3], [0, -2, 2])]));
  // Terms: dx² 1, 2; dx dz -2, 4; dz² 4, 8.
  expect(diffusion).toEqual([1.5, 1, 6]);
  for (const [k, spread] of [1, 6, 4].entries()) expect(error[k]).toBeCloseTo(spread / 2, 14);
});
