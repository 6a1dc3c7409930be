/** The run's log: ndjson beside the results. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { destination, type Logger, pino } from 'pino';

/** A log file and how to close it. */
export interface RunLog {
  readonly logger: Logger;
  close(): void;
}

/**
 * Opens a log for appending.
 *
 * @param verbosity 0 for information, 1 or more for details as well.
 */
export function openLog(path: string, verbosity: number): RunLog {
  mkdirSync(dirname(path), { recursive: true });
  const stream = destination({ dest: path, append: true, sync: true });
  const logger = pino({ base: null, level: verbosity > 0 ? 'debug' : 'info', timestamp: pino.stdTimeFunctions.isoTime }, stream);
  return { logger, close: () => stream.end() };
}
