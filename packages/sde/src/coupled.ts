/**
 * Several equations stepped together on the same Wiener processes: full beside averaged, coarse beside fine.
 *
 * One step of the program is the coarsest step; a member with m substeps makes m steps of dt/m. Every process is drawn at the finest resolution,
 * and an increment over a coarser step is the sum of the fine ones, so all members see one Brownian path.
 */
import { type GraphBuilder, graphBuilder, type Named, type Node, type Program, type ProgramState, program } from '@ergoflow/kernels';
import type { Equations, Values } from './equations.ts';
import { type Substep, stepFluctuation } from './fluctuation.ts';
import { incrementsOf } from './schemes/increments.ts';
import { type Scheme, SchemeError } from './schemes/scheme.ts';

/** One equation of a coupled program. Its variables are the program's states `<name>.<variable>`. */
export interface Member {
  readonly name: string;
  readonly equations: Equations;
  readonly scheme: Scheme;
  /** Steps per step of the program; must divide the largest of all members. */
  readonly substeps: number;
}

/** A condition that ends a path's use: the first one met by a lane is recorded with its step. */
export interface Event {
  readonly kind: string;
  /** True where the event happens, from the states after the step. */
  readonly happens: (g: GraphBuilder, after: (member: string) => Values) => Node;
}

/** A member's fluctuation about another, kept in states `<name>.<slow variable>`; both take equally many substeps. */
export interface Fluctuation {
  readonly name: string;
  readonly of: string;
  readonly around: string;
  readonly slow: readonly Named[];
  /** Processes that act on the fast variables, none of which acts on a slow one. */
  readonly mirrored: ReadonlySet<string>;
}

/** What a coupled program computes. */
export interface CoupledOptions {
  readonly members: readonly Member[];
  /**
   * Steps per step of the program at which the processes are drawn; a multiple of all members' substeps, default the largest of them. Programs whose
   * steps and numbers here have one product see one path from equal streams.
   */
  readonly finest?: number;
  /** Checked after the built-in event `non-finite`, in this order. */
  readonly events?: readonly Event[];
  readonly fluctuations?: readonly Fluctuation[];
  /** Further states, from a member's states after the step, or its substeps in order: running maxima, integrals, times of passage. */
  readonly observe?: (
    g: GraphBuilder,
    after: (member: string) => Values,
    substeps: (member: string) => readonly Substep[],
  ) => readonly ProgramState[];
  /** States that are only read (frozen slow variables). */
  readonly inputs?: readonly { readonly name: string; readonly width: number }[];
}

/** Uniform: the program's step in the time of the equations. */
export const STEP = 'dt';
/** State: 0, 1 + the index of the event that the lane met, or {@link NOT_CONVERGED_CODE}. */
export const EVENT = 'event';
/** Stands for `not-converged` in the state `event`: an iteration inside a scheme has not settled. Before all others, as their cause. */
export const NOT_CONVERGED_CODE = -1;
/** State: the index of the step at which it did. */
export const EVENT_STEP = 'event.step';
/** The event that is always watched: a state is NaN or infinite. */
export const NON_FINITE = 'non-finite';

/** Name of the state that holds a member's variable. */
export const stateName = (member: string, variable: string): string => `${member}.${variable}`;

/**
 * Builds the program. Its states are those of the members and fluctuations, `event`, `event.step`, and what `observe` gives.
 *
 * @throws SchemeError if a member's scheme refuses its equations.
 */
export function coupledProgram({ members, events = [], fluctuations = [], observe, inputs = [], ...options }: CoupledOptions): Program {
  const g = graphBuilder();
  const finest = options.finest ?? Math.max(...members.map(({ substeps }) => substeps));
  const dt = g.uniform(STEP);
  const start = g.multiply(g.step(), dt);
  const states = new Map<string, Values>();
  const unsettled: Node[] = [];
  const substepsOf = new Map<string, Substep[]>();
  for (const { name, equations, scheme, substeps } of members) {
    const reason = scheme.refuses(equations);
    if (reason !== null) throw new SchemeError(`scheme ${scheme.name} cannot step ${name}: ${reason}`);
    const share = finest / substeps;
    const length = g.divide(dt, g.constant(substeps));
    let state: Values = new Map(equations.variables.map((variable) => [variable.name, g.state(stateName(name, variable.name), variable.width)]));
    const done: Substep[] = [];
    for (let k = 0; k < substeps; k++) {
      const time = k === 0 ? start : g.add(start, g.multiply(g.constant(k), length));
      const increments = incrementsOf(g, equations, { dt, finest, first: k * share, share });
      const step = scheme.step(g, equations, state, time, length, increments);
      done.push({ before: state, after: step.state, time, length, increments });
      state = step.state;
      if (step.notConverged !== undefined) unsettled.push(step.notConverged);
    }
    states.set(name, state);
    substepsOf.set(name, done);
  }
  const after = (member: string): Values => states.get(member) as Values;
  const all = [...states.values()].flatMap((values) => [...values.values()]);
  const conditions = [isNonFinite(g, all), ...events.map(({ happens }) => happens(g, after))];
  const was = g.state(EVENT);
  const wasStep = g.state(EVENT_STEP);
  const first = g.equal(was, g.constant(0));
  let now: Node = g.constant(0);
  for (let k = conditions.length - 1; k >= 0; k--) now = g.select(conditions[k], g.constant(k + 1), now);
  for (const mask of unsettled) now = g.select(mask, g.constant(NOT_CONVERGED_CODE), now);
  return program([
    ...members.flatMap(({ name, equations }) =>
      equations.variables.map((variable) => ({
        name: stateName(name, variable.name),
        width: variable.width,
        next: after(name).get(variable.name) as Node,
      })),
    ),
    ...fluctuations.flatMap((fluctuation) => fluctuationStates(g, fluctuation, members, substepsOf)),
    { name: EVENT, width: 1, next: g.select(first, now, was) },
    { name: EVENT_STEP, width: 1, next: g.select(first, g.step(), wasStep) },
    ...inputs.map(({ name, width }) => ({ name, width, next: null })),
    ...(observe?.(g, after, (member) => substepsOf.get(member) as readonly Substep[]) ?? []),
  ]);
}

function fluctuationStates(
  g: GraphBuilder,
  { name, of, around, slow, mirrored }: Fluctuation,
  members: readonly Member[],
  substepsOf: ReadonlyMap<string, readonly Substep[]>,
): ProgramState[] {
  const [full, averaged] = [of, around].map((wanted) => members.find((member) => member.name === wanted) as Member);
  let state: Values = new Map(slow.map(({ name: variable, width }) => [variable, g.state(stateName(name, variable), width)]));
  for (const [k, substep] of (substepsOf.get(of) ?? []).entries()) {
    const beside = (substepsOf.get(around) as readonly Substep[])[k];
    state = stepFluctuation(g, slow, mirrored, state, { ...full, ...substep }, { ...averaged, ...beside });
  }
  return slow.map(({ name: variable, width }) => ({ name: stateName(name, variable), width, next: state.get(variable) as Node }));
}

/** 0·v is 0 for finite v and NaN otherwise, so one sum tells about all of them. */
function isNonFinite(g: GraphBuilder, values: readonly Node[]): Node {
  let total: Node = g.constant(0);
  for (const value of values) total = g.add(total, g.sum(g.multiply(value, g.constant(0))));
  return g.not(g.equal(total, g.constant(0)));
}
