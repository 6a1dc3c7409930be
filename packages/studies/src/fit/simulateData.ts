/** One simulated data set: a slow path of the full system or of its averaged equation, seen at equal spacing. */
import type { ObservedPath } from '@ergoflow/inference';
import type { Program } from '@ergoflow/kernels';
import {
  averagedEquation,
  coupledProgram,
  EPSILON,
  type Failure,
  fullSystem,
  kernelOf,
  type Model,
  openStreams,
  parameterUniforms,
  SCHEMES,
  type Scheme,
  simulate,
  slowComponents,
  startPaths,
  stateName,
} from '@ergoflow/sde';
import type { Simulated } from './settings.ts';

/** The member of the program. */
const PATH = 'path';

/** A data set, or how its path was lost. */
export interface DataSet {
  readonly path: ObservedPath;
  readonly failure: Failure | null;
}

/** Number of steps between two observations; 1e-9 forgives the rounding of a quotient that is whole. */
export function stepsBetween({ simulate: what, epsilon, spacing, step }: Simulated): number {
  return Math.max(1, Math.ceil(spacing / (step ?? (what === 'full' ? epsilon / 20 : spacing / 10)) - 1e-9));
}

/** Simulates data set number `replicate`. Its numbers depend on seed, kind, ε and replicate alone. */
export function simulateData(model: Model, parameters: ReadonlyMap<string, number>, data: Simulated, seed: number, replicate: number): DataSet {
  const { simulate: what, epsilon, observations, spacing, burnIn } = data;
  const scheme = SCHEMES.get('euler-maruyama') as Scheme;
  const perSpacing = stepsBetween(data);
  const dt = spacing / perSpacing;
  const skipped = Math.round(burnIn / spacing);
  const meaning = [data.seed ?? seed, 'fit', what, ...(what === 'full' ? [epsilon] : [])];
  const [from, to] = [replicate, replicate + 1];
  const program = programOf(model, what, scheme);
  const started =
    what === 'full'
      ? startPaths({ model, parameters, scheme, epsilon, unitStep: dt / epsilon, from, to, meaning, resolutions: [{ name: PATH, substeps: 1 }] })
      : null;
  const states: Record<string, Float64Array> = {};
  for (const [name, values] of started?.values.get(PATH) ?? slowStart(model, parameters, from)) states[stateName(PATH, name)] = values;
  const components = slowComponents(model);
  const times = Float64Array.from({ length: observations }, (_, k) => k * spacing);
  const values = components.map(() => new Float64Array(observations));
  let seen = -skipped;
  const failures = simulate({
    kernel: kernelOf(program),
    from,
    to,
    steps: (skipped + observations - 1) * perSpacing,
    dt,
    uniforms: { ...parameterUniforms(parameters), [EPSILON]: Float64Array.of(epsilon) },
    states,
    streams: openStreams(program, meaning, from, to),
    save: {
      every: perSpacing,
      visit: () => {
        if (seen >= 0) for (const [k, { variable, index }] of components.entries()) values[k][seen] = states[stateName(PATH, variable)][index];
        seen++;
      },
    },
  });
  return { path: { times, values }, failure: started?.failures[0] ?? failures[0] ?? null };
}

/** The averaged equation begins where the slow variables do; its start has no fast part. */
function slowStart(model: Model, parameters: ReadonlyMap<string, number>, from: number): ReadonlyMap<string, Float64Array> {
  const alone: Model = { ...model, fast: [] };
  const options = { model: alone, parameters, scheme: SCHEMES.get('euler-maruyama') as Scheme, epsilon: 1, unitStep: 1, from, to: from + 1 };
  return startPaths({ ...options, meaning: [], resolutions: [{ name: PATH, substeps: 1 }] }).values.get(PATH) as ReadonlyMap<string, Float64Array>;
}

const programs = new WeakMap<Model, Map<string, Program>>();

function programOf(model: Model, what: Simulated['simulate'], scheme: Scheme): Program {
  const known = programs.get(model) ?? new Map<string, Program>();
  programs.set(model, known);
  const existing = known.get(what);
  if (existing !== undefined) return existing;
  const equations = what === 'full' ? fullSystem(model) : averagedEquation(model, { kind: 'truth' });
  const made = coupledProgram({ members: [{ name: PATH, equations, scheme, substeps: 1 }] });
  known.set(what, made);
  return made;
}
