/** The questions by which the page finds out whether it is offline, and their interval. Times in milliseconds. */
export interface ReachabilityOptions {
  /** Returns whether the browser says that it is online. */
  readonly isOnLine: () => boolean;
  /** Resolves with any answer of the server, rejects without one. */
  readonly reach: () => Promise<unknown>;
  readonly now: () => number;
}

/** While the browser says that the device is offline, the server is asked this often. */
const REACH_EVERY_MS = 3000;

/**
 * Tells whether this device is offline. The browser's word is a hint: a device with only a loopback network is offline
 * for good by it, although the page came from there. A request that fails is the proof.
 */
export class Reachability {
  private failed = false;
  private askAt = 0;

  constructor(private readonly options: ReachabilityOptions) {}

  /** Looks once. False until a request has failed, regardless of the browser's word. */
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

/** Asks the server of this page for an answer of any kind. */
export const reachServer = (): Promise<Response> =>
  fetch(location.pathname, { method: 'HEAD', cache: 'no-store', signal: AbortSignal.timeout(REACH_EVERY_MS) });
