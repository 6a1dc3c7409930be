#!/usr/bin/env node
/** The command `ergoflow`. */
import { runCommandLine } from './commandLine.ts';

// A reader that has seen enough (`ergoflow show | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
process.exitCode = await runCommandLine(process.argv.slice(2));
