/**
 * States of a session. `DISCONNECTED`: by `disconnect()`, or because the server has not answered for a while; then it
 * may be ESTABLISHED again.
 */
export const SESSION_STATUS = {
  PENDING: 'PENDING',
  ESTABLISHED: 'ESTABLISHED',
  DISCONNECTED: 'DISCONNECTED',
  FAILED: 'FAILED',
} as const;
export type SessionStatus = keyof typeof SESSION_STATUS;

/**
 * States of a stream. UNPUBLISHED, STOPPED and FAILED are final; NOT_ENOUGH_BANDWIDTH goes back to PUBLISHING or
 * PLAYING when the network does.
 */
export const STREAM_STATUS = {
  NEW: 'NEW',
  PENDING: 'PENDING',
  PUBLISHING: 'PUBLISHING',
  UNPUBLISHED: 'UNPUBLISHED',
  PLAYING: 'PLAYING',
  STOPPED: 'STOPPED',
  FAILED: 'FAILED',
  NOT_ENOUGH_BANDWIDTH: 'NOT_ENOUGH_BANDWIDTH',
} as const;
export type StreamStatus = keyof typeof STREAM_STATUS;

/**
 * Keeps one status and calls the listeners of the next. A listener that throws is reported to the page; the others are
 * still called.
 */
export class Statuses<Status extends string> {
  private readonly listeners = new Map<Status, Set<() => void>>();

  constructor(private current: Status) {}

  get now(): Status {
    return this.current;
  }

  on(status: Status, listener: () => void): void {
    const known = this.listeners.get(status) ?? new Set();
    this.listeners.set(status, known.add(listener));
  }

  /** Sets the status and calls its listeners; the same status again changes nothing. */
  become(status: Status): void {
    if (status === this.current) return;
    this.current = status;
    for (const listener of this.listeners.get(status) ?? []) {
      try {
        listener();
      } catch (error) {
        reportError(error);
      }
    }
  }
}
