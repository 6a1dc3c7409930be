/** From merged outcomes to a cell's metrics, and from cells to orders. */
import type { Cell, MergedOutcome } from '@ergoflow/runner';
import type { Model } from '@ergoflow/sde';
import { fitOrder } from '../order.ts';
import type { CellResult, FitResult, Metric } from '../study.ts';
import { checkLayout, estimateError, type Laid, PERTURBATIONS, pairLayout, type Quantity } from './estimate.ts';
import { controlsOf, observablesOf } from './observe.ts';
import { MOMENTS } from './tasks.ts';
import { type Orders, ordersOf, supStepOrder } from './theory.ts';

/** A metric with the orders that its fit needs. */
export interface OrderedMetric extends Metric {
  readonly orders: Orders;
}

/** What decides how a cell is read. */
export interface Reading {
  readonly model: Model;
  readonly testFunctions: readonly string[];
  /** The works of the stationary errors follow those of the others. */
  readonly stationary: boolean;
  /** The averaged equation is the model's truth. */
  readonly hasTruth: boolean;
  readonly level: number;
}

/**
 * Reads a cell off the outcomes of its works: paths, check and, where asked for, stationary paths and their check.
 *
 * Metrics whose works are not complete are left out.
 */
export function cellResult(cell: Cell, outcomes: readonly (MergedOutcome | null)[], reading: Reading): CellResult {
  const { testFunctions, hasTruth, level } = reading;
  const observables = observablesOf(testFunctions);
  const layouts = [pairLayout(observables, controlsOf(testFunctions)), checkLayout(observables, hasTruth ? [] : PERTURBATIONS)];
  const metrics: Record<string, OrderedMetric> = {};
  for (const { name, work, quantity, orders } of metricsOf(reading)) {
    const [main, check] = layouts.map((layout, k): Laid | null => {
      const moments = outcomes[work + k]?.moments[MOMENTS];
      return moments === undefined ? null : { moments, layout };
    });
    const estimate = main === null || check === null ? null : estimateError(main, check, quantity, level);
    if (estimate !== null) metrics[name] = { ...estimate, orders };
  }
  const failures: Record<string, number> = {};
  for (const outcome of outcomes) for (const [kind, count] of Object.entries(outcome?.failures ?? {})) failures[kind] = (failures[kind] ?? 0) + count;
  return { axes: cell.axes, count: outcomes[0]?.moments[MOMENTS]?.count ?? 0, failures, metrics };
}

interface MetricPlan {
  readonly name: string;
  /** Index of its first work. */
  readonly work: number;
  readonly quantity: Quantity;
  readonly orders: Orders;
}

function metricsOf({ model, testFunctions, stationary }: Reading): MetricPlan[] {
  const orders = ordersOf(model);
  const strong = (name: string, observable: string, stepOrder: number, own: Orders): MetricPlan => ({
    name,
    work: 0,
    quantity: { observable, control: null, root: true, stepOrder },
    orders: own,
  });
  const weak = (prefix: string, work: number): MetricPlan[] =>
    testFunctions.map((text, k) => ({
      name: `${prefix} ${text}`,
      work,
      quantity: { observable: `f${k}`, control: `c${k}`, root: false, stepOrder: 1 },
      orders: orders.weak,
    }));
  return [
    strong('strong-error', 'squared', 1, orders.strong),
    strong('strong-error-sup', 'squared-sup', supStepOrder(model), orders.sup),
    ...weak('weak-error', 0),
    ...(stationary ? weak('stationary-error', 2) : []),
  ];
}

/** Fits the order of every metric in an axis, for each value of the axes that do not follow from it. */
export function fitOrders(cells: readonly CellResult[], derived: ReadonlySet<string>, level: number, against: string): FitResult[] {
  const free = (axes: Cell['axes']): Cell['axes'] =>
    Object.fromEntries(Object.entries(axes).filter(([name]) => name !== against && !derived.has(name)));
  const groups = new Map<string, CellResult[]>();
  for (const cell of cells) {
    const key = JSON.stringify(free(cell.axes));
    groups.set(key, [...(groups.get(key) ?? []), cell]);
  }
  return [...groups.values()].flatMap((group) => {
    const names = [...new Set(group.flatMap(({ metrics }) => Object.keys(metrics)))];
    return names.flatMap((metric) => {
      const found = group.flatMap(({ axes, metrics: { [metric]: value } }) =>
        value === undefined ? [] : [{ at: Number(axes[against]), value: value as OrderedMetric }],
      );
      if (new Set(found.map(({ at }) => at)).size < 2) return [];
      const sign = signOf(found.map(({ value }) => value));
      const points = found.map(({ at, value: { estimate, standardError, systematic } }) => ({
        at,
        estimate: sign * estimate,
        standardError,
        systematic,
      }));
      const { expected, next } = (found[0] as (typeof found)[number]).value.orders;
      const expectation = expected === undefined ? {} : { expected };
      return [{ metric, against, where: free((group[0] as CellResult).axes), ...expectation, ...fitOrder(points, level, next) }];
    });
  });
}

/** A weak error may be negative throughout; its size is what has an order. Each point votes with at most one deviation. */
function signOf(metrics: readonly Metric[]): 1 | -1 {
  const votes = metrics.map(({ estimate, standardError }) =>
    standardError === 0 ? Math.sign(estimate) : Math.max(-1, Math.min(1, estimate / standardError)),
  );
  return votes.reduce((total, vote) => total + vote, 0) < 0 ? -1 : 1;
}
