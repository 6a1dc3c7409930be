/** What the runner runs: work, tasks and outcomes, as plain data. It knows no science. */
import type { MomentsRecord } from './statistics/moments.ts';

/** Plain JSON data. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** A number of replicates of one thing. */
export interface Work {
  /** Which of the study's tasks does it. */
  readonly kind: string;
  /** What it computes, replicates apart; part of its identity. */
  readonly parameters: JsonObject;
  readonly replicates: number;
  /** Replicates of one task. */
  readonly blockSize: number;
  /** In any unit; used to begin with the longest, and to predict what remains. */
  readonly costPerReplicate: number;
  /** Work whose merged outcomes its tasks take. */
  readonly needs: readonly Work[];
  /** Paths of files that its tasks read, by SHA-256: the parameters name the content, and where it lies is no part of the identity. */
  readonly files?: Readonly<Record<string, string>>;
}

/** One block of replicates, as a worker gets it. */
export interface TaskRequest {
  readonly study: string;
  readonly kind: string;
  readonly parameters: JsonObject;
  /** Replicates [from, to). */
  readonly from: number;
  readonly to: number;
  /** Outcomes of the work it needs, in that order. */
  readonly inputs: readonly MergedOutcome[];
  /** As the work has them. */
  readonly files?: Readonly<Record<string, string>>;
}

/** A replicate that failed numerically. */
export interface TaskFailure {
  readonly kind: string;
  readonly replicate: number;
  readonly step: number;
  readonly time: number;
}

/** A column of a table. */
export interface Column {
  readonly name: string;
  readonly values: Float64Array | Int32Array | readonly (string | number | boolean | null)[];
  readonly meaning: string;
  readonly unit?: string;
}

/** A table, or some of its rows. */
export interface Table {
  readonly meaning: string;
  readonly columns: readonly Column[];
}

/** What a task computes: a value. */
export interface Outcome {
  readonly moments: Readonly<Record<string, MomentsRecord>>;
  readonly failures: readonly TaskFailure[];
  /** What is no sum, such as a fit; it is kept in the log of tasks, so it should have some kB. */
  readonly answer?: JsonObject;
}

/** The answer of a task, with its first replicate. */
export interface TaskAnswer {
  readonly from: number;
  readonly answer: JsonObject;
}

/**
 * Keeps rows of a task's table, by name such as `trajectories`, after those that were kept before; all have the same columns. What keeps them is done with
 * the arrays when it returns, so a task needs memory for some rows only.
 */
export type KeepRows = (table: string, rows: Table) => void;

/** The outcomes of a work's tasks together. */
export interface MergedOutcome {
  readonly moments: Readonly<Record<string, MomentsRecord>>;
  /** Failed replicates by kind. */
  readonly failures: Readonly<Record<string, number>>;
  /** The first of them, by replicate. */
  readonly firstFailures: readonly TaskFailure[];
  /** Of the tasks that gave one, in order of replicates. */
  readonly answers: readonly TaskAnswer[];
}

/** Computes a task: a pure function but for the rows that it keeps, which depend on the request alone as well. */
export type RunTask = (request: TaskRequest, keep: KeepRows) => Outcome;

/** Computes a task that waits for something on its way, as a fit does; it keeps its worker for itself until it settles. */
export type RunLongTask = (request: TaskRequest, keep: KeepRows) => Promise<Outcome>;
