/** The one failure of a target that its caller handles, by taking another target. */

/** A target cannot be had here; the message says why. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
  /** True if this machine was never set up for it, and nothing is wrong. */
  readonly isAbsent: boolean;

  constructor(message: string, isAbsent = false) {
    super(message);
    this.isAbsent = isAbsent;
  }
}
