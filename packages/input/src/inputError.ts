/** The one error for anything wrong with what a person wrote. */
import { formatPlace, type Place } from './place.ts';

/** Something wrong in a person's input; its message is one sentence without the place: what was found, what is allowed, the nearest name. */
export class InputError extends Error {
  /** Where it was found; null if nowhere in particular. */
  readonly place: Place | null;

  /**
   * Makes the error.
   *
   * @param message One sentence, without the place and without a full stop.
   * @param place Where it was found.
   * @param options The cause, if another error led here.
   */
  constructor(message: string, place: Place | null, options?: ErrorOptions) {
    super(message, options);
    this.name = 'InputError';
    this.place = place;
  }

  /** Writes place and message as one line: `models/x.yaml:7:12: unknown name "y5" …`. */
  format(): string {
    return this.place === null ? this.message : `${formatPlace(this.place)}: ${this.message}`;
  }
}
