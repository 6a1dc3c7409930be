/** The error budget of a metric: each part as a share of the estimate, by ε. */
import type { TopLevelSpec } from 'vega-lite';
import type { Summary } from '../summary.ts';
import { areSeveral, pointsOf } from './groups.ts';

/** The parts of a budget, with words and colours for them (Okabe & Ito 2008). */
const PARTS = [
  ['monteCarlo', 'Monte Carlo', '#0072B2'],
  ['step', 'step bias (removed)', '#D55E00'],
  ['reference', 'reference', '#009E73'],
] as const;

/** Makes the figure, or null where fewer than two values of the axis have a budget. */
export function budgetFigure(summary: Summary, metric: string): TopLevelSpec | null {
  const against = summary.fits.find((fit) => fit.metric === metric)?.against ?? 'epsilon';
  const values = pointsOf(summary, metric, against).flatMap(({ at, series, metric: { estimate, budget } }) =>
    PARTS.flatMap(([key, part]) => (budget[key] > 0 && estimate !== 0 ? [{ at, series, part, share: budget[key] / Math.abs(estimate) }] : [])),
  );
  if (!areSeveral(values)) return null;
  const names = PARTS.map(([, part]) => part).filter((name) => values.some(({ part }) => part === name));
  const colours = PARTS.flatMap(([, part, colour]) => (names.includes(part) ? [colour] : []));
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    width: 420,
    height: 180,
    background: 'white',
    title: { text: `error budget of ${metric}`, anchor: 'start', fontSize: 14 },
    data: { values },
    mark: { type: 'point', filled: true, size: 60, opacity: 0.9 },
    encoding: {
      x: {
        field: 'at',
        type: 'quantitative',
        scale: { type: 'log', nice: false, padding: 12 },
        axis: { title: against === 'epsilon' ? 'scale separation ε' : against, format: '~g', values: [...new Set(values.map(({ at }) => at))] },
      },
      y: { field: 'share', type: 'quantitative', scale: { type: 'log' }, axis: { title: 'share of the estimate', format: '~p', tickCount: 5 } },
      color: {
        field: 'part',
        type: 'nominal',
        scale: { domain: names, range: colours },
        legend: { title: null, orient: 'bottom' },
      },
      shape: { field: 'part', type: 'nominal', scale: { domain: names }, legend: { title: null, orient: 'bottom' } },
    },
    config: { axis: { labelFontSize: 12, titleFontSize: 12, gridColor: '#e6e6e6' }, view: { stroke: '#ccc' } },
  } as unknown as TopLevelSpec;
}
