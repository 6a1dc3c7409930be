/** Sweeps, identity, tasks, threads, store, aggregation. Knows no science. */
export { arrow as loadArrow } from './arrow/arrow.ts';
export { type WrittenFile, writeArrow } from './arrow/writeArrow.ts';
export { countTasks, type TaskCounts } from './countTasks.ts';
export type { Engine } from './engines/engine.ts';
export { processEngine } from './engines/processes.ts';
export { offered, offerToThreads } from './engines/shared.ts';
export { ENGINES, type EngineName } from './engines/table.ts';
export { threadEngine } from './engines/threads.ts';
export { type ExecuteOptions, type Execution, type ExecutionProgress, execute } from './execute.ts';
export type { AxisValue } from './experiment/axisValue.ts';
export { cellParameters, cellSettings } from './experiment/cellValues.ts';
export { type Cell, type Expansion, expandAxes } from './experiment/expandAxes.ts';
export { experimentNames, findExperiment } from './experiment/findExperiment.ts';
export { type KnownAxis, type KnownStudy, PARAMETER_PREFIX } from './experiment/known.ts';
export { type Experiment, readExperiment } from './experiment/readExperiment.ts';
export type { Replicates } from './experiment/replicates.ts';
export { resolveExperiment } from './experiment/resolveExperiment.ts';
export { yamlText } from './experiment/yamlText.ts';
export { FAILURES, type FailedTask, type FailureCause, type FailureLog, failureSignature, groupFailures } from './failedTask.ts';
export { gatherRows } from './gatherRows.ts';
export { type CodeIdentity, canonicalJson, digest } from './identity.ts';
export { type Alarm, contradictions, recompute } from './recompute.ts';
export { mergeMoments } from './statistics/mergeMoments.ts';
export { covariance, type MomentsLayout, type MomentsRecord, mean, momentsAccumulator, variance } from './statistics/moments.ts';
export { writeArtefact } from './store/artefact.ts';
export { checkFile } from './store/checkFile.ts';
export { type InFlight, openInFlight } from './store/inFlight.ts';
export { openTaskLog, readTaskLog, type TaskLog } from './store/taskLog.ts';
export { readTable } from './tables/readTable.ts';
export type { TableData, WantedColumn } from './tables/tableData.ts';
export { hasItsFiles, recordsByWork, sameResult, type TaskRecord } from './taskRecord.ts';
export { readTimeout, type Timeout } from './timeout.ts';
export type {
  Column,
  Json,
  JsonObject,
  KeepRows,
  MergedOutcome,
  Outcome,
  RunLongTask,
  RunTask,
  Table,
  TaskAnswer,
  TaskFailure,
  TaskRequest,
  Work,
} from './work.ts';
export { type FileRecord, type WorkerAnswer, type WorkerRequest, workerTask } from './worker.ts';
