/** The one failure of a target that its caller handles, by taking another target. */

/** A target cannot be had here; the message says why. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
}
