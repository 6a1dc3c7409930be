/** The metrics of a run as a table: a row per cell and metric, in canonical order, so that the same results are the same bytes. */
import type { Column, Table } from '@ergoflow/runner';
import type { CellResult, FitResult, Study } from '@ergoflow/studies';

/** Makes the table of `metrics.arrow`. */
export function metricsTable(study: Study, cells: readonly CellResult[]): Table {
  const rows = cells.flatMap((cell) => Object.keys(cell.metrics).map((metric) => ({ cell, metric, value: cell.metrics[metric] })));
  const number = (name: string, meaning: string, read: (row: (typeof rows)[number]) => number): Column => ({
    name,
    meaning,
    values: Float64Array.from(rows, read),
  });
  return {
    meaning: `study ${study.name}: one row per cell and metric`,
    columns: [
      ...axisColumns(
        study,
        rows.map(({ cell }) => cell.axes),
      ),
      { name: 'metric', meaning: describe(study), values: rows.map(({ metric }) => metric) },
      number('estimate', 'estimate of the metric, the bias of the step taken off', ({ value }) => value.estimate),
      number('low', 'lower end of its interval', ({ value }) => value.low),
      number('high', 'upper end of its interval', ({ value }) => value.high),
      number('level', 'level of the interval', ({ value }) => value.level),
      number('standardError', 'Monte Carlo deviation of the estimate', ({ value }) => value.standardError),
      number('systematic', 'bound of the error that more replicates do not reduce', ({ value }) => value.systematic),
      number('atStep', 'estimate at the step, its bias included', ({ value }) => value.atStep),
      number('budgetMonteCarlo', 'half-width due to the finite number of replicates', ({ value }) => value.budget.monteCarlo),
      number('budgetStep', 'size of the step’s bias, which the estimate no longer has', ({ value }) => value.budget.step),
      number('budgetReference', 'half-width due to the error of the averaged coefficients', ({ value }) => value.budget.reference),
      number('count', 'replicates that count in the estimate', ({ cell }) => cell.count),
      number('failed', 'replicates of the cell lost to numerical failures', ({ cell }) =>
        Object.values(cell.failures).reduce((total, count) => total + count, 0),
      ),
    ],
  };
}

/** Makes the table of `fits.arrow`. */
export function fitsTable(study: Study, fits: readonly FitResult[]): Table {
  const number = (name: string, meaning: string, read: (fit: FitResult) => number): Column => ({
    name,
    meaning,
    values: Float64Array.from(fits, read),
  });
  const text = (name: string, meaning: string, read: (fit: FitResult) => string): Column => ({ name, meaning, values: fits.map(read) });
  return {
    meaning: `study ${study.name}: fitted orders`,
    columns: [
      ...axisColumns(
        study,
        fits.map(({ where }) => where),
      ),
      text('metric', describe(study), ({ metric }) => metric),
      text('against', 'axis that the order is against', ({ against }) => against),
      number('slope', 'fitted order', ({ slope }) => slope),
      number('low', 'lower end of its interval', ({ low }) => low),
      number('high', 'upper end of its interval', ({ high }) => high),
      number('level', 'level of the interval', ({ level }) => level),
      text('verdict', 'asymptotic, pre-asymptotic or noise-limited', ({ verdict }) => verdict),
      text('reason', 'the verdict’s ground', ({ reason }) => reason),
      { name: 'expected', meaning: 'order that theory expects', values: fits.map(({ expected }) => expected ?? null) },
      number('from', 'smallest value in the fit', ({ from }) => from),
      number('to', 'largest value in the fit', ({ to }) => to),
      number('points', 'number of points in the fit', ({ points }) => points),
      number('constant', 'C of the fitted C·at^slope·exp(next·at^nextOrder)', ({ constant }) => constant),
      number('next', 'size of the next term', ({ next }) => next),
      number('nextOrder', 'how much faster than the first the next term falls', ({ nextOrder }) => nextOrder),
    ],
  };
}

/** One column per axis, from the axes of each row. */
export function axisColumns(study: Study, rows: readonly CellResult['axes'][]): Column[] {
  const names = [...new Set(rows.flatMap((axes) => Object.keys(axes)))].sort();
  return names.map((name) => {
    const values = rows.map((axes) => axes[name] ?? null);
    const meaning = Object.hasOwn(study.axes, name) ? study.axes[name].about : `axis ${name}`;
    return values.every((value) => typeof value === 'number')
      ? { name, meaning, values: Float64Array.from(values as number[]) }
      : { name, meaning, values: values.map((value) => (value === null ? null : String(value))) };
  });
}

const describe = (study: Study): string =>
  Object.entries(study.meanings)
    .map(([name, meaning]) => `${name}: ${meaning}`)
    .join('; ');
