/** The log–log figure of a metric: points with intervals, fitted lines, and a line of the expected slope. */
import type { TopLevelSpec } from 'vega-lite';
import { significant } from '../number.ts';
import type { Summary } from '../summary.ts';
import { areSeveral, pointsOf, seriesName, varyingAxes } from './groups.ts';

/** Colours that the colour-blind tell apart (Okabe & Ito 2008), with shapes beside them. */
const COLOURS = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#56B4E9', '#E69F00', '#000000'];

/** Makes the figure, or null where fewer than two points of the metric can be drawn on logarithmic axes. */
export function convergenceFigure(summary: Summary, metric: string): TopLevelSpec | null {
  const fits = summary.fits.filter((fit) => fit.metric === metric);
  const against = fits[0]?.against ?? 'epsilon';
  const points = pointsOf(summary, metric, against);
  const varying = varyingAxes(fits);
  const sizes = points.flatMap(({ at, series, metric: { estimate, low, high } }) => {
    // A point that may be zero has no lower end on this axis: it hangs from its upper end, hollow.
    const [bottom, top] = estimate < 0 ? [-high, -low] : [low, high];
    const size = Math.abs(estimate);
    return top > 0 && size > 0 ? [{ at, series, size, top, bottom: bottom > 0 ? bottom : null, seen: bottom > 0 ? 'yes' : 'may be 0' }] : [];
  });
  if (!areSeveral(sizes)) return null;
  const floor = Math.min(...sizes.map(({ bottom, size }) => bottom ?? size)) / 1.5;
  const data = sizes.map((point) => ({ ...point, bottom: point.bottom ?? floor }));
  const series = [...new Set(points.map((point) => point.series))];
  const lines = fits.flatMap((fit) =>
    between(fit.from, fit.to).map((at) => ({
      at,
      size: fit.constant * at ** fit.slope * Math.exp(fit.next * at ** fit.nextOrder),
      series: seriesName(fit.where, varying),
      label: `slope ${significant(fit.slope)} [${significant(fit.low)}, ${significant(fit.high)}]`,
    })),
  );
  const expected = fits[0]?.expected;
  const [left, right] = [Math.min(...points.map(({ at }) => at)), Math.max(...points.map(({ at }) => at))];
  const top = Math.max(...sizes.map((point) => point.top));
  const guide = expected === undefined ? [] : [left, right].map((at) => ({ at, size: 1.6 * top * (at / right) ** expected }));
  const x = {
    field: 'at',
    type: 'quantitative',
    scale: { type: 'log', nice: false, padding: 12 },
    axis: {
      title: against === 'epsilon' ? 'scale separation ε' : against,
      grid: true,
      format: '~g',
      values: [...new Set(points.map(({ at }) => at))],
    },
  };
  const y = (field: string) => ({
    field,
    type: 'quantitative',
    scale: { type: 'log', nice: false, padding: 8 },
    axis: { title: `size of ${metric}`, format: '~g', grid: true, tickCount: 5 },
  });
  const legend = series.length > 1 ? { title: null, orient: 'bottom', columns: 1, labelLimit: 500 } : null;
  const color = { field: 'series', type: 'nominal', scale: { domain: series, range: COLOURS }, legend };
  const shape = { field: 'series', type: 'nominal', scale: { domain: series }, legend };
  const subtitle = fits.map((fit) => {
    const name = seriesName(fit.where, varying);
    return `${name === '' ? '' : `${name}: `}slope ${significant(fit.slope)} [${significant(fit.low)}, ${significant(fit.high)}], ${fit.verdict}`;
  });
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    width: 420,
    height: 300,
    background: 'white',
    title: { text: metric, subtitle: subtitle.slice(0, 6), anchor: 'start', fontSize: 14, subtitleFontSize: 12 },
    layer: [
      ...(guide.length > 0
        ? [
            { data: { values: guide }, mark: { type: 'line', color: '#888', strokeDash: [2, 4] }, encoding: { x, y: y('size') } },
            {
              data: { values: guide.slice(0, 1) },
              mark: { type: 'text', align: 'left', dy: -8, color: '#666', text: `slope ${significant(expected as number)}` },
              encoding: { x, y: y('size') },
            },
          ]
        : []),
      { data: { values: lines }, mark: { type: 'line', strokeDash: [6, 3] }, encoding: { x, y: y('size'), color } },
      { data: { values: data }, mark: { type: 'rule' }, encoding: { x, y: y('bottom'), y2: { field: 'top' }, color } },
      {
        data: { values: data },
        mark: { type: 'point', size: 60, opacity: 1, strokeWidth: 1.5 },
        encoding: {
          x,
          y: y('size'),
          stroke: color,
          fill: color,
          shape,
          fillOpacity: { condition: { test: "datum.seen === 'yes'", value: 1 }, value: 0 },
        },
      },
    ],
    config: { axis: { labelFontSize: 12, titleFontSize: 12, gridColor: '#e6e6e6' }, view: { stroke: '#ccc' }, legend: { labelFontSize: 12 } },
  } as unknown as TopLevelSpec;
}

/** Points enough for a curve to look smooth. */
function between(from: number, to: number): number[] {
  const count = 24;
  return Array.from({ length: count + 1 }, (_, k) => from * (to / from) ** (k / count));
}
