/** The questions: each binds science to the runner. */
export { fitOrder, ORDER_RULES, type OrderFit, type Verdict } from './order.ts';
export type { OrderPoint } from './orderCurve.ts';
export { type CellPlan, type CellResult, type FitResult, type Metric, SettingError, type Study, type StudyCell } from './study.ts';
export { STUDIES } from './table.ts';

/** The module that worker threads load: in TypeScript from source, in JavaScript once built. */
export const workerModule: URL = new URL(`./worker${import.meta.url.slice(-3)}`, import.meta.url);
