/** The questions of the page's reachability, and their interval. Times in milliseconds. */
export interface ReachabilityOptions {
  /** Returns whether the browser says that it is online. */
  readonly isOnLine: () => boolean;
  /** Resolves with any answer of the server, rejects without one. */
  readonly reach: () => Promise<unknown>;
  readonly now: () => number;
}

/** A device that is said to be offline is asked this often whether it is. */
const REACH_EVERY_MS = 3000;

/**
 * Tells whether this device is offline. What the browser says is a hint: where nothing but loopback is up it says
 * offline for good, though the page came from there. A request that fails is the proof.
 */
export class Reachability {
  private failed = false;
  private askAt = 0;

  constructor(private readonly options: ReachabilityOptions) {}

  /** Looks once. False until a request has failed, however the browser calls it. */
  isOffline(): boolean {
    const { isOnLine, now } = this.options;
    if (isOnLine()) {
      this.failed = false;
      this.askAt = 0;
    } else if (now() >= this.askAt) this.ask();
    return this.failed;
  }

  private ask(): void {
    const { isOnLine, reach, now } = this.options;
    this.askAt = Number.POSITIVE_INFINITY;
    const settle = (failed: boolean) => {
      this.failed = failed && !isOnLine();
      this.askAt = now() + REACH_EVERY_MS;
    };
    reach().then(
      () => settle(false),
      () => settle(true),
    );
  }
}

/** Asks the server of this page for nothing but an answer. */
export const reachServer = (): Promise<Response> =>
  fetch(location.pathname, { method: 'HEAD', cache: 'no-store', signal: AbortSignal.timeout(REACH_EVERY_MS) });
