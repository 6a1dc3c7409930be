/** What the command's exit code says to scripts. */
export const EXIT = {
  done: 0,
  /** Some tasks failed. */
  failed: 1,
  /** The command line or a file is wrong; nothing was written. */
  usage: 2,
  /** Stopped on request with all finished work kept; the same command goes on (EX_TEMPFAIL of sysexits.h). */
  drained: 75,
  interrupted: 130,
  terminated: 143,
} as const;
