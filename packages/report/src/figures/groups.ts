/** Cells and fits by the axes that tell one line of a figure from another. */
import { axisText } from '../number.ts';
import type { Summary, SummaryFit, SummaryMetric } from '../summary.ts';

/** One point of a figure. */
export interface Point {
  readonly at: number;
  readonly series: string;
  readonly metric: SummaryMetric;
}

/** Name of a series: the values of the axes that differ between series; empty where there is one. */
export function seriesName(axes: Readonly<Record<string, unknown>>, varying: readonly string[]): string {
  return varying.map((name) => `${name} ${axisText(axes[name])}`).join(', ');
}

/** Axes of the fits that take more than one value. */
export function varyingAxes(fits: readonly SummaryFit[]): string[] {
  const names = [...new Set(fits.flatMap(({ where }) => Object.keys(where)))].sort();
  return names.filter((name) => new Set(fits.map(({ where }) => where[name])).size > 1);
}

/** Whether there is anything to see along the axis: of one value, a table tells all. */
export const areSeveral = (points: readonly { readonly at: number }[]): boolean => new Set(points.map(({ at }) => at)).size > 1;

/** The points of one metric against one axis. */
export function pointsOf(summary: Summary, metric: string, against: string): Point[] {
  const varying = varyingAxes(summary.fits.filter((fit) => fit.metric === metric));
  return summary.cells.flatMap(({ axes, metrics }) => {
    const value = metrics[metric];
    const at = axes[against];
    return value === undefined || typeof at !== 'number' ? [] : [{ at, series: seriesName(axes, varying), metric: value }];
  });
}
