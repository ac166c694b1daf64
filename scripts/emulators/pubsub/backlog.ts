import type { WirePubsubMessage } from './messages';

export interface BacklogOptions {
  /** True: messages with the same ordering key come one after the other. */
  ordered: boolean;
  /** Waits between deliveries of a message, doubled each time. */
  backoff: { minMs: number; maxMs: number };
  /** Deliveries after which a message is dropped or goes to the dead-letter topic. */
  maxAttempts?: number | undefined;
  retentionMs: number;
}

/** A message that is leased to a consumer. */
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
  /** Called once when the lease ends, for any reason. */
  onEnd?: () => void;
}

/** Far more messages than wait in a test or a day of development. */
export const BACKLOG_LIMIT = 20_000;

/**
 * The messages of a subscription that are not acknowledged, and the holder of each with its deadline. It has no clock
 * and no network: times are arguments. A redelivered message of an ordered backlog brings along the later ones of its
 * key, as the service does.
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

  /** Leases up to `max` messages that are due, oldest first. */
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

  /** Extends leases by `leaseMs`; 0 returns the messages at once. */
  extend(ackIds: readonly string[], nowMs: number, leaseMs: number): void {
    for (const ackId of ackIds) {
      const entry = this.#leases.get(ackId);
      if (entry?.lease === undefined) continue;
      if (leaseMs === 0) this.#giveBack(entry, nowMs);
      else entry.lease.expiresAt = nowMs + leaseMs;
    }
  }

  /** Returns messages whose lease is over, and drops those older than the retention. */
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
   * Returns the messages after `first` with its key too, because they were not delivered in order. That does not count
   * as an attempt.
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
