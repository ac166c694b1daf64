import { OfferRefusal } from './offer';

/**
 * Refusals in a row that an own session without media may cause: the media server ends it after 15 s (`stun_timeout`),
 * and attempts are 2 s apart.
 */
const MAX_REFUSALS = 20;
const TOO_MANY_REQUESTS = 429;

/**
 * The publish that a client goes on with when it reconnects by itself. An offer that got no answer may have opened a
 * session all the same, which the server cannot tell from that of another publisher until the media server ends it.
 */
export class Continuity {
  private opened: string | undefined;
  private mayHaveOwn = false;
  private refusals = 0;

  /** Name of the publish that the next offer continues; `undefined` while there was none. */
  get continues(): string | undefined {
    return this.opened;
  }

  /**
   * Notes how an attempt ended: the publish that it opened, or why it opened none. Returns whether further attempts
   * have no prospect.
   */
  isOver(publishes: string | undefined, failure: unknown): boolean {
    if (publishes !== undefined) {
      this.opened = publishes;
      this.mayHaveOwn = false;
      this.refusals = 0;
      return false;
    }
    if (!(failure instanceof OfferRefusal)) this.mayHaveOwn = true;
    else if (failure.passes) this.mayHaveOwn ||= failure.status !== TOO_MANY_REQUESTS;
    else {
      this.refusals += 1;
      return !(failure.isTaken && this.mayHaveOwn && this.refusals < MAX_REFUSALS);
    }
    return false;
  }
}
