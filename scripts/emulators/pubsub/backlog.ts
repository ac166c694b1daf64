import type { WirePubsubMessage } from './messages';

export interface BacklogOptions {
  /** Messages with the same ordering key one after the other. */
  ordered: boolean;
  /** Waits between deliveries of a message, doubled each time. */
  backoff: { minMs: number; maxMs: number };
  /** Deliveries after which a message is given up. */
  maxAttempts?: number | undefined;
  retentionMs: number;
}

/** A message handed out. */
export interface Leased {
  ackId: string;
  message: WirePubsubMessage;
  /** 1 at the first delivery. */
  attempt: number;
}

interface BacklogEntry {
  readonly message: WirePubsubMessage;
  readonly addedAt: number;
  availableAt: number;
  attempts: number;
  lease?: { ackId: string; expiresAt: number; onEnd: () => void };
}

export interface TakeOptions {
  max: number;
  leaseMs: number;
  /** Push: the next message of a key goes out once the one before was taken. */
  onePerKey?: boolean;
  /** Called once when the lease is over, however. */
  onEnd?: () => void;
}

/** Far more than a test or a day of development has waiting. */
export const BACKLOG_LIMIT = 20_000;

/**
 * The messages of a subscription that are not acknowledged, and the holder of each with its deadline. Knows no clock
 * and no network: times come in. A message of an ordered backlog that comes again brings along those of its key after
 * it, as the service does.
 */
export class Backlog {
  readonly #entries = new Set<BacklogEntry>();
  readonly #leases = new Map<string, BacklogEntry>();
  #sequence = 0;

  constructor(
    private options: BacklogOptions,
    private readonly giveUp: (message: WirePubsubMessage, attempts: number) => void,
  ) {}

  get size(): number {
    return this.#entries.size;
  }

  configure(options: BacklogOptions): void {
    this.options = options;
  }

  add(message: WirePubsubMessage, nowMs: number, delayMs = 0): void {
    this.#entries.add({ message, addedAt: nowMs, availableAt: nowMs + delayMs, attempts: 0 });
  }

  /** Up to `max` messages whose time has come, oldest first. */
  take(nowMs: number, { max, leaseMs, onePerKey = false, onEnd = () => undefined }: TakeOptions): Leased[] {
    const taken: Leased[] = [];
    const held = new Set<string>();
    for (const entry of this.#entries) {
      if (taken.length >= max) break;
      const key = this.options.ordered ? (entry.message.orderingKey ?? '') : '';
      if (key !== '' && held.has(key)) continue;
      const free = entry.lease === undefined && entry.availableAt <= nowMs;
      if (key !== '' && (onePerKey || (!free && entry.lease === undefined))) held.add(key);
      if (free) taken.push(this.#lease(entry, nowMs + leaseMs, onEnd));
    }
    return taken;
  }

  acknowledge(ackIds: readonly string[]): void {
    for (const ackId of ackIds) {
      const entry = this.#leases.get(ackId);
      if (entry === undefined) continue;
      this.#endLease(entry);
      this.#entries.delete(entry);
    }
  }

  /** Holds messages for `leaseMs` more; 0 gives them back at once. */
  extend(ackIds: readonly string[], nowMs: number, leaseMs: number): void {
    for (const ackId of ackIds) {
      const entry = this.#leases.get(ackId);
      if (entry?.lease === undefined) continue;
      if (leaseMs === 0) this.#giveBack(entry, nowMs);
      else entry.lease.expiresAt = nowMs + leaseMs;
    }
  }

  /** Gives back what was held too long, drops what is older than the retention. */
  expire(nowMs: number): void {
    for (const entry of this.#leases.values()) {
      if (entry.lease !== undefined && entry.lease.expiresAt <= nowMs) this.#giveBack(entry, nowMs);
    }
    for (const entry of this.#entries) {
      if (nowMs - entry.addedAt < this.options.retentionMs) break;
      this.#endLease(entry);
      this.#entries.delete(entry);
    }
  }

  clear(): void {
    for (const entry of this.#leases.values()) this.#endLease(entry);
    this.#entries.clear();
  }

  #lease(entry: BacklogEntry, expiresAt: number, onEnd: () => void): Leased {
    this.#sequence += 1;
    const ackId = `ack-${this.#sequence}`;
    entry.attempts += 1;
    entry.lease = { ackId, expiresAt, onEnd };
    this.#leases.set(ackId, entry);
    return { ackId, message: entry.message, attempt: entry.attempts };
  }

  #endLease(entry: BacklogEntry): void {
    if (entry.lease === undefined) return;
    const { ackId, onEnd } = entry.lease;
    delete entry.lease;
    this.#leases.delete(ackId);
    onEnd();
  }

  #giveBack(entry: BacklogEntry, nowMs: number): void {
    this.#endLease(entry);
    if (entry.attempts >= (this.options.maxAttempts ?? Number.POSITIVE_INFINITY)) {
      this.#entries.delete(entry);
      this.giveUp(entry.message, entry.attempts);
      return;
    }
    const { minMs, maxMs } = this.options.backoff;
    entry.availableAt = nowMs + Math.min(maxMs, minMs * 2 ** (entry.attempts - 1));
    if (this.options.ordered && entry.message.orderingKey) this.#recall(entry);
  }

  /**
   * Those after `first` with its key come again too: they were not delivered in order. That does not count as an
   * attempt.
   */
  #recall(first: BacklogEntry): void {
    let after = false;
    for (const entry of this.#entries) {
      if (entry === first) after = true;
      else if (after && entry.lease !== undefined && entry.message.orderingKey === first.message.orderingKey) {
        entry.attempts -= 1;
        this.#endLease(entry);
      }
    }
  }
}
