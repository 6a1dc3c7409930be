/** The system of a task: its model, read once per thread, with the values of its parameters and its scheme. */
import { documentOf } from '@ergoflow/input';
import type { JsonObject } from '@ergoflow/runner';
import { type Model, readModel, SCHEMES, type Scheme } from '@ergoflow/sde';

/** What identifies a system: the model as data, its parameters' values, the scheme and the seed. */
export interface SystemParameters {
  readonly model: JsonObject;
  readonly parameters: Readonly<Record<string, number>>;
  readonly scheme: string;
  readonly seed: number;
}

/** A system to simulate. */
export interface System {
  readonly model: Model;
  readonly parameters: ReadonlyMap<string, number>;
  readonly scheme: Scheme;
}

const models = new Map<string, Model>();

/** Reads a model that was checked before. The same data give the same object, by which programs and their kernels are kept. */
export function modelOf(data: JsonObject): Model {
  const key = JSON.stringify(data);
  const model = models.get(key) ?? readModel(documentOf(data));
  models.set(key, model);
  return model;
}

/** Gives the system of a request. */
export function systemOf({ model, parameters, scheme }: SystemParameters): System {
  return { model: modelOf(model), parameters: new Map(Object.entries(parameters)), scheme: SCHEMES.get(scheme) as Scheme };
}
