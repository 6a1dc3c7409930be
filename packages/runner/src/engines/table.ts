/** The engines by name, as `--engine` gives it. */
import type { Engine } from './engine.ts';
import { processEngine } from './processes.ts';
import { threadEngine } from './threads.ts';

/** Starts an engine of so many slots for a worker module. */
export const ENGINES = { threads: threadEngine, processes: processEngine } as const satisfies Record<string, (worker: URL, slots: number) => Engine>;

/** Name of an engine. */
export type EngineName = keyof typeof ENGINES;
