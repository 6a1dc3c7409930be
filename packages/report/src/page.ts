/** The report: one HTML file that needs nothing else. */
import { axisText, significant, withError } from './number.ts';
import type { Summary } from './summary.ts';

/** A drawn figure. */
export interface DrawnFigure {
  readonly name: string;
  readonly metric: string;
  readonly about: string;
  readonly svg: string;
}

/** What a report shows. */
export interface ReportContent {
  readonly summary: Summary;
  readonly figures: readonly DrawnFigure[];
  readonly provenance: Readonly<Record<string, string | number | boolean | null>>;
  /** The resolved experiment, as text. */
  readonly experiment: string;
}

/** Cells that are shown without being asked for. */
const OPEN_ROWS = 60;

/** Writes the report. All text is escaped; nothing is loaded from elsewhere. */
export function renderReport({ summary, figures, provenance, experiment }: ReportContent): string {
  const { tasks } = summary;
  const status =
    summary.status === 'done' ? '' : `<p class="warning">This run is ${summary.status}: ${tasks.remaining} tasks remain, ${tasks.failed} failed.</p>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(summary.experiment)} · Ergoflow</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escapeHtml(summary.experiment)}</h1>
<p class="quiet">Study ${escapeHtml(summary.study)} · ${summary.cells.length} cells · ${tasks.done} tasks, ${tasks.reused} of them reused · ${significant(summary.cpuSeconds)} s of computing</p>
${status}
${verdicts(summary)}
<h2>Figures</h2>
<div class="figures">${figures.map(figureHtml).join('\n')}</div>
<h2>Orders</h2>
${ordersTable(summary)}
<h2>Cells</h2>
${collapsible(cellsTable(summary), summary.cells.length)}
<h2>Error budget</h2>
<p>Half-widths at the level of the intervals. The bias of the step is measured at h, h/2 and h/4 and already taken off the estimates; it is shown to tell how much was taken off.</p>
${collapsible(budgetTable(summary), summary.cells.length)}
${failuresTable(summary)}
<h2>Provenance</h2>
${table(
  'How to make this again',
  ['fact', 'value'],
  Object.entries(provenance).map(([name, value]) => [name, value === null ? 'unknown' : String(value)]),
)}
<details><summary>Experiment, resolved</summary><pre>${escapeHtml(experiment)}</pre></details>
</main>
</body>
</html>
`;
}

/** Each order in a sentence. */
function verdicts({ fits }: Summary): string {
  if (fits.length === 0) return '<p>No order was fitted: that takes at least two values of ε.</p>';
  const sentences = fits.slice(0, 12).map((fit) => {
    const where = Object.entries(fit.where)
      .map(([name, value]) => `${name} ${axisText(value)}`)
      .join(', ');
    const theory =
      fit.expected === undefined
        ? ''
        : fit.low <= fit.expected && fit.expected <= fit.high
          ? `; the interval holds the expected ${fit.expected}`
          : `; the interval does not hold the expected ${fit.expected}`;
    return `<li><b>${escapeHtml(fit.metric)}</b>${where === '' ? '' : ` (${escapeHtml(where)})`} falls with order <b>${fit.slope.toFixed(3)}</b> [${fit.low.toFixed(3)}, ${fit.high.toFixed(3)}], <span class="${fit.verdict}">${fit.verdict}</span>${theory}: ${escapeHtml(fit.reason)}.</li>`;
  });
  return `<ul>${sentences.join('\n')}</ul>`;
}

const figureHtml = ({ name, metric, about, svg }: DrawnFigure): string =>
  `<figure role="group" aria-label="${escapeHtml(`${name} of ${metric}`)}">${svg}<figcaption>${escapeHtml(`${metric}: ${about}.`)}</figcaption></figure>`;

function ordersTable({ fits }: Summary): string {
  const rows = fits.map((fit) => [
    fit.metric,
    Object.entries(fit.where)
      .map(([name, value]) => `${name} ${axisText(value)}`)
      .join(', '),
    fit.slope.toFixed(3),
    `[${fit.low.toFixed(3)}, ${fit.high.toFixed(3)}]`,
    fit.expected === undefined ? '' : String(fit.expected),
    fit.verdict,
    `${significant(fit.from)} … ${significant(fit.to)} (${fit.points})`,
    `${significant(fit.chiSquared)} / ${fit.degreesOfFreedom}`,
  ]);
  return table('Fitted orders', ['metric', 'where', 'slope', 'interval', 'theory', 'verdict', 'window (points)', 'χ² / degrees of freedom'], rows);
}

function axisNames({ cells }: Summary): string[] {
  return [...new Set(cells.flatMap((cell) => Object.keys(cell.axes)))];
}

function cellsTable(summary: Summary): string {
  const axes = axisNames(summary);
  const metrics = [...new Set(summary.cells.flatMap((cell) => Object.keys(cell.metrics)))];
  const rows = summary.cells.map((cell) => [
    ...axes.map((name) => axisText(cell.axes[name])),
    String(cell.count),
    Object.entries(cell.failures)
      .map(([kind, count]) => `${count} ${kind}`)
      .join(', ') || '0',
    ...metrics.map((name) => {
      const value = cell.metrics[name];
      return value === undefined ? 'none' : withError(value.estimate, value.low, value.high);
    }),
  ]);
  return table('Estimates with the half-widths of their intervals', [...axes, 'count', 'lost', ...metrics], rows);
}

function budgetTable(summary: Summary): string {
  const axes = axisNames(summary);
  const rows = summary.cells.flatMap((cell) =>
    Object.entries(cell.metrics).map(([name, { estimate, atStep, budget }]) => [
      ...axes.map((axis) => axisText(cell.axes[axis])),
      name,
      significant(estimate, 4),
      significant(atStep, 4),
      significant(budget.monteCarlo),
      significant(budget.step),
      significant(budget.reference),
    ]),
  );
  return table('What the error is made of', [...axes, 'metric', 'estimate', 'at the step', 'Monte Carlo', 'step bias (removed)', 'reference'], rows);
}

function failuresTable({ failures, cells, dropped, unreached }: Summary): string {
  const place = (axes: Summary['cells'][number]['axes']): string =>
    Object.entries(axes)
      .map(([name, value]) => `${name} ${axisText(value)}`)
      .join(', ');
  const lost = cells.flatMap((cell) => Object.entries(cell.failures).map(([kind, count]) => [place(cell.axes), kind, String(count)]));
  const parts = [
    ...(lost.length === 0
      ? []
      : [table('Replicates lost to numerical failures; estimates are of those that survived', ['cell', 'kind', 'count'], lost)]),
    ...(failures.length === 0
      ? []
      : [
          table(
            'Tasks that failed',
            ['task', 'kind', 'message'],
            failures.map(({ task, kind, message }) => [task, kind, message]),
          ),
        ]),
    ...(unreached.length === 0
      ? []
      : [
          table(
            'Intervals that miss the target of the replicates',
            ['cell', 'metric', 'why'],
            unreached.map(({ axes, metric, why }) => [place(axes), metric, why]),
          ),
        ]),
    ...(dropped.some(({ count }) => count > 0)
      ? [
          table(
            'Points that guards took away',
            ['guard', 'points'],
            dropped.map(({ where, count }) => [where, String(count)]),
          ),
        ]
      : []),
  ];
  return parts.length === 0 ? '' : `<h2>Failures</h2>\n${parts.join('\n')}`;
}

function table(caption: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  const headRow = head.map((name) => `<th scope="col">${escapeHtml(name)}</th>`).join('');
  const body = rows.map((row) => `<tr>${row.map((value) => `<td>${escapeHtml(value)}</td>`).join('')}</tr>`).join('\n');
  return `<div class="scroll"><table><caption>${escapeHtml(caption)}</caption><thead><tr>${headRow}</tr></thead><tbody>${body}</tbody></table></div>`;
}

const collapsible = (content: string, rows: number): string =>
  rows <= OPEN_ROWS ? content : `<details><summary>${rows} cells</summary>${content}</details>`;

/** Makes text safe in HTML, in elements and in attributes. */
export function escapeHtml(value: string): string {
  return value.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const STYLE = `
:root{color-scheme:light dark;--ink:#1a1a1a;--quiet:#666;--paper:#fff;--line:#ddd;--card:#fff}
@media(prefers-color-scheme:dark){:root{--ink:#e8e8e8;--quiet:#aaa;--paper:#161616;--line:#444;--card:#fff}}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main{max-width:1080px;margin:0 auto;padding:24px}
h1{margin:0 0 4px;font-size:26px}h2{margin:32px 0 8px;font-size:19px}
.quiet,figcaption{color:var(--quiet)}
.warning{border-left:4px solid #d55e00;padding:4px 12px}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,440px),1fr));gap:16px;align-items:start}
figure{margin:0}figure svg{background:var(--card);border:1px solid var(--line);border-radius:6px;padding:8px;box-sizing:border-box;width:100%;height:auto}
figcaption{max-width:500px;font-size:13px}
.scroll{overflow-x:auto;margin:8px 0}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:13px}
caption{text-align:left;color:var(--quiet);padding-bottom:4px}
th,td{padding:3px 10px;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap}
th:first-child,td:first-child{text-align:left}
.asymptotic{color:#007a55}.pre-asymptotic{color:#b35900}.noise-limited{color:#b00020}
@media(prefers-color-scheme:dark){.asymptotic{color:#4fd1a5}.pre-asymptotic{color:#ffb066}.noise-limited{color:#ff8080}}
pre{overflow-x:auto;padding:12px;border:1px solid var(--line);border-radius:6px;font-size:13px}
@media print{main{max-width:none}details{display:block}}
`;
