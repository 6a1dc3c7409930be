/** Tables, figures and the report of a run. */

export { FIGURES } from './figures/table.ts';
export { fitAnswerLines, fitAnswerSchema } from './fitAnswer.ts';
export { axisText } from './number.ts';
export { type DrawnFigure, type ReportContent, renderReport } from './page.ts';
export { type Summary, type SummaryCell, type SummaryFit, type SummaryMetric, summarySchema } from './summary.ts';
export { renderSvg } from './svg.ts';
export { terminalTable } from './terminalTable.ts';
