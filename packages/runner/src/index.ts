/** Sweeps, identity, tasks, threads, store, aggregation. Knows no science. */
export { encodeArrow, type WrittenFile, writeArrow } from './arrow/writeArrow.ts';
export { countTasks, recordsByWork, type TaskCounts } from './countTasks.ts';
export { type Engine, threadEngine } from './engines/threads.ts';
export { type ExecuteOptions, type Execution, type ExecutionProgress, execute, type FailedTask, type TaskRecord } from './execute.ts';
export type { AxisValue } from './experiment/axisValue.ts';
export { cellParameters, cellSettings } from './experiment/cellValues.ts';
export { type Cell, type Expansion, expandAxes } from './experiment/expandAxes.ts';
export { experimentNames, findExperiment } from './experiment/findExperiment.ts';
export { type KnownAxis, type KnownStudy, PARAMETER_PREFIX } from './experiment/known.ts';
export { type Experiment, readExperiment } from './experiment/readExperiment.ts';
export type { Replicates } from './experiment/replicates.ts';
export { resolveExperiment } from './experiment/resolveExperiment.ts';
export { type CodeIdentity, canonicalJson, digest, workId } from './identity.ts';
export { covariance, type MomentsLayout, type MomentsRecord, mean, momentsAccumulator, variance } from './statistics/moments.ts';
export { writeArtefact } from './store/artefact.ts';
export { openTaskLog, readTaskLog, type TaskLog } from './store/taskLog.ts';
export type { Column, Json, JsonObject, MergedOutcome, Outcome, RunTask, Table, TaskFailure, TaskRequest, Work } from './work.ts';
export { type FileRecord, type WorkerAnswer, type WorkerRequest, workerTask } from './worker.ts';
