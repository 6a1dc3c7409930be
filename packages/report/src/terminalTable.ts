/** A run in the terminal: cells with their estimates, then the orders with their verdicts. */
import { axisText, withError } from './number.ts';
import type { Summary } from './summary.ts';

/** Rows that a terminal shows; the rest is in the files. */
const MOST_ROWS = 40;

/**
 * Writes the tables.
 *
 * @param columns Width of the terminal.
 */
export function terminalTable(summary: Summary, columns = 120): string {
  const axes = [...new Set(summary.cells.flatMap((cell) => Object.keys(cell.axes)))];
  const shown = axes.filter((name) => new Set(summary.cells.map((cell) => cell.axes[name])).size > 1 || name === 'epsilon');
  const metrics = [...new Set(summary.cells.flatMap((cell) => Object.keys(cell.metrics)))];
  const cells = [
    [...shown, 'count', ...metrics],
    ...summary.cells.slice(0, MOST_ROWS).map((cell) => [
      ...shown.map((name) => axisText(cell.axes[name])),
      String(cell.count),
      ...metrics.map((name) => {
        const value = cell.metrics[name];
        return value === undefined ? '-' : withError(value.estimate, value.low, value.high);
      }),
    ]),
  ];
  const lines = wrapColumns(cells, shown.length + 1, columns);
  if (summary.cells.length > MOST_ROWS) lines.push(`… and ${summary.cells.length - MOST_ROWS} more cells`);
  for (const cell of summary.cells) {
    const lost = Object.entries(cell.failures).map(([kind, count]) => `${count} ${kind}`);
    if (lost.length > 0) lines.push(`lost at ${shown.map((name) => `${name} ${axisText(cell.axes[name])}`).join(', ')}: ${lost.join(', ')}`);
  }
  if (summary.fits.length > 0) {
    const orders = summary.fits.map((fit) => [
      [
        fit.metric,
        ...Object.entries(fit.where)
          .filter(([name]) => shown.includes(name))
          .map(([name, value]) => `${name} ${axisText(value)}`),
      ].join(', '),
      fit.slope.toFixed(3),
      `[${fit.low.toFixed(3)}, ${fit.high.toFixed(3)}]`,
      fit.expected === undefined ? '' : String(fit.expected),
      fit.verdict,
    ]);
    lines.push(
      '',
      ...aligned([['order of', 'slope', `${Math.round(100 * (summary.fits[0]?.level ?? 0))} % interval`, 'theory', 'verdict'], ...orders]),
    );
  }
  return lines.join('\n');
}

/** Puts a wide table under itself in parts that fit, the first columns repeated. */
function wrapColumns(rows: readonly (readonly string[])[], fixed: number, columns: number): string[] {
  const width = (k: number): number => Math.max(...rows.map((row) => row[k].length)) + 2;
  const head = Array.from({ length: fixed }, (_, k) => k);
  const parts: number[][] = [];
  let used = 0;
  for (let k = fixed; k < rows[0].length; k++) {
    const room = columns - head.reduce((total, j) => total + width(j), 0);
    if (parts.length === 0 || used + width(k) > room) {
      parts.push([]);
      used = 0;
    }
    (parts.at(-1) as number[]).push(k);
    used += width(k);
  }
  if (parts.length === 0) parts.push([]);
  return parts.flatMap((part, n) => [...(n > 0 ? [''] : []), ...aligned(rows.map((row) => [...head, ...part].map((k) => row[k])))]);
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, k) => Math.max(...rows.map((row) => row[k].length)));
  const line = (row: readonly string[]): string =>
    row
      .map((text, k) => (k === 0 ? text.padEnd(widths[k]) : text.padStart(widths[k])))
      .join('  ')
      .trimEnd();
  return [line(rows[0]), widths.map((width) => '─'.repeat(width)).join('  '), ...rows.slice(1).map(line)];
}
