/** The figures of a report, by name. A new one is one file and one line here. */
import type { TopLevelSpec } from 'vega-lite';
import type { Summary } from '../summary.ts';
import { budgetFigure } from './budget.ts';
import { convergenceFigure } from './convergence.ts';

/** Makes a figure of one metric, or null where it has nothing to show. */
export type Figure = (summary: Summary, metric: string) => TopLevelSpec | null;

/** All figures, in the order of the report. */
export const FIGURES: readonly { readonly name: string; readonly about: string; readonly make: Figure }[] = [
  { name: 'convergence', about: 'points with intervals, fitted order, and a line of the order that theory expects', make: convergenceFigure },
  { name: 'budget', about: 'what the error of each estimate is made of, as a share of the estimate', make: budgetFigure },
];
