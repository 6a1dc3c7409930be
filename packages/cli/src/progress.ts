/** Progress for a person: one line that is rewritten on a terminal, a line now and then elsewhere; always on standard error. */

/** What there is to say. */
export interface Progress {
  readonly done: number;
  readonly reused: number;
  readonly failed: number;
  readonly total: number;
  /** Predicted, in seconds; null while nothing is known. */
  readonly remainingSeconds: number | null;
}

/** Shows progress until it is ended. */
export interface ProgressLine {
  show(progress: Progress): void;
  /** Writes a message above the progress line. */
  note(message: string): void;
  end(): void;
}

/** Milliseconds between two rewritings on a terminal, and between two lines elsewhere. */
const REFRESH = { terminal: 100, elsewhere: 60_000 };

/**
 * Starts a progress line.
 *
 * @param quiet Shows nothing but notes.
 */
export function progressLine(stream: NodeJS.WriteStream, quiet: boolean): ProgressLine {
  const terminal = stream.isTTY === true;
  let last = Number.NEGATIVE_INFINITY;
  let shown = '';
  const clear = (): void => {
    if (terminal && shown !== '') stream.write(`\r${' '.repeat(shown.length)}\r`);
    shown = '';
  };
  return {
    show(progress) {
      if (quiet) return;
      const now = performance.now();
      const complete = progress.done + progress.failed >= progress.total;
      if (!complete && now - last < (terminal ? REFRESH.terminal : REFRESH.elsewhere)) return;
      last = now;
      const line = progressText(progress, terminal ? Math.max(40, (stream.columns ?? 80) - 1) : 100);
      if (terminal) {
        clear();
        stream.write(line);
        shown = line;
      } else {
        stream.write(`${line}\n`);
      }
    },
    note(message) {
      clear();
      stream.write(`${message}\n`);
    },
    end() {
      if (terminal && shown !== '') stream.write('\n');
      shown = '';
    },
  };
}

/** One line: a bar, counts, the time that is left. */
export function progressText({ done, reused, failed, total, remainingSeconds }: Progress, columns: number): string {
  const share = total === 0 ? 1 : (done + failed) / total;
  const tail = [
    `${done}/${total} tasks`,
    ...(reused > 0 ? [`${reused} reused`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(remainingSeconds === null || share === 1 ? [] : [`${formatDuration(remainingSeconds)} left`]),
  ].join(', ');
  const width = Math.max(10, Math.min(30, columns - tail.length - 8));
  const filled = Math.floor(share * width);
  return `${'█'.repeat(filled)}${'░'.repeat(width - filled)} ${String(Math.floor(share * 100)).padStart(3)} % ${tail}`;
}

/** 45 s, 3 min 20 s, 2 h 05 min, 3 d 4 h. */
export function formatDuration(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${String(s % 60).padStart(2, '0')} s`;
  if (s < 86_400) return `${Math.floor(s / 3600)} h ${String(Math.floor((s % 3600) / 60)).padStart(2, '0')} min`;
  return `${Math.floor(s / 86_400)} d ${Math.floor((s % 86_400) / 3600)} h`;
}
