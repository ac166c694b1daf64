import { setTimeout as sleep } from 'node:timers/promises';
import type { ObjectResource } from '../../emulators/gcs';
import { deliveryPlan, type EventFaults, NO_EVENT_FAULTS } from '../../emulators/server/event-faults';

/** One attempt to deliver; returns the status. */
export interface EventPost {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface StorageEventsOptions {
  /** The URL of the function. */
  readonly target: URL;
  /** The bucket whose events are delivered. */
  readonly bucket: string;
  /** Called at each attempt, for an Authorization that may expire. */
  readonly headers?: () => Promise<Readonly<Record<string, string>>>;
  /** Faults, which may change while events flow. @default none */
  readonly faults?: EventFaults;
  /** Wait after the first failure; doubled after each further one up to `maxMs`. @default 10 s to 600 s, as Eventarc */
  readonly retry?: { readonly minMs: number; readonly maxMs: number };
  /** False: one attempt only. @default true */
  readonly retries?: boolean;
  /** Attempts under way at a time; further events wait. @default 64 */
  readonly maxInFlight?: number;
  /** Events that are not yet delivered; beyond this number the oldest is dropped. @default 10000 */
  readonly maxPending?: number;
  readonly random?: () => number;
  readonly post?: (request: EventPost, signal: AbortSignal) => Promise<number>;
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

export interface EventCounts {
  readonly accepted: number;
  readonly delivered: number;
  /** Attempts that were not answered with 2xx. */
  readonly failed: number;
  /** Events lost by a fault, dropped because too many waited, or failed without a retry. */
  readonly lost: number;
  readonly pending: number;
}

interface EventDelivery {
  readonly object: ObjectResource;
  /** The same for each copy and attempt, by which a duplicate is recognised. */
  readonly id: string;
  readonly ended: AbortController;
}

const EVENTARC_RETRY = { minMs: 10_000, maxMs: 600_000 };

/**
 * `google.cloud.storage.object.v1.finalized` as Eventarc delivers it: binary-mode CloudEvents by POST, at least once,
 * in no order. Connect it by `objectStore.onFinalized(events.accept)`.
 */
export class StorageEventService {
  readonly #pending = new Map<EventDelivery, Promise<void>>();
  readonly #waitingForTurn: (() => void)[] = [];
  #inFlight = 0;
  #sequence = 0;
  #stopped = false;
  #counts = { accepted: 0, delivered: 0, failed: 0, lost: 0 };

  constructor(private readonly options: StorageEventsOptions) {}

  readonly accept = (object: ObjectResource): void => {
    if (this.#stopped || object.bucket !== this.options.bucket) return;
    this.#counts.accepted += 1;
    this.#sequence += 1;
    const id = `${object.generation}${this.#sequence}`;
    const plan = deliveryPlan(this.options.faults ?? NO_EVENT_FAULTS, this.options.random ?? Math.random);
    if (plan.length === 0) this.#counts.lost += 1;
    for (const afterMs of plan) this.#begin({ object, id, ended: new AbortController() }, afterMs);
  };

  counts(): EventCounts {
    return { ...this.#counts, pending: this.#pending.size };
  }

  /** Drops everything that waits; no timer and no request is left. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const { ended } of this.#pending.keys()) ended.abort();
    for (const go of this.#waitingForTurn.splice(0)) go();
    await Promise.all(this.#pending.values());
  }

  #begin(delivery: EventDelivery, afterMs: number): void {
    const done = this.#deliver(delivery, afterMs).finally(() => this.#pending.delete(delivery));
    this.#pending.set(delivery, done);
    this.#giveUpTheOldest();
  }

  async #deliver(delivery: EventDelivery, afterMs: number): Promise<void> {
    try {
      await this.#wait(afterMs, delivery);
      await this.#untilTaken(delivery);
    } catch (error) {
      if (!delivery.ended.signal.aborted) throw error;
    }
  }

  async #untilTaken(delivery: EventDelivery): Promise<void> {
    const { retry = EVENTARC_RETRY, retries = true } = this.options;
    for (let backoffMs = retry.minMs; ; backoffMs = Math.min(backoffMs * 2, retry.maxMs)) {
      if (await this.#attempt(delivery)) return;
      if (!retries) break;
      await this.#wait(backoffMs, delivery);
    }
    this.#counts.lost += 1;
  }

  async #attempt(delivery: EventDelivery): Promise<boolean> {
    await this.#turn();
    try {
      delivery.ended.signal.throwIfAborted();
      const taken = await this.#post(delivery);
      this.#counts[taken ? 'delivered' : 'failed'] += 1;
      return taken;
    } finally {
      this.#inFlight -= 1;
      this.#waitingForTurn.shift()?.();
    }
  }

  async #turn(): Promise<void> {
    while (this.#inFlight >= (this.options.maxInFlight ?? 64)) {
      await new Promise<void>((resolve) => this.#waitingForTurn.push(resolve));
    }
    this.#inFlight += 1;
  }

  /** Posts one attempt; an error of any kind is a failed attempt. */
  async #post({ object, id, ended }: EventDelivery): Promise<boolean> {
    const { target, headers = async () => ({}), post = postByFetch } = this.options;
    try {
      const request = {
        url: target,
        headers: { ...(await headers()), ...eventHeaders(object, id) },
        body: JSON.stringify(object),
      };
      const status = await post(request, ended.signal);
      return status >= 200 && status < 300;
    } catch {
      return false;
    }
  }

  async #wait(ms: number, { ended }: EventDelivery): Promise<void> {
    const { wait = (delay: number, signal: AbortSignal) => sleep(delay, undefined, { signal }) } = this.options;
    ended.signal.throwIfAborted();
    if (ms > 0) await wait(ms, ended.signal);
    ended.signal.throwIfAborted();
  }

  #giveUpTheOldest(): void {
    const [oldest] = this.#pending.keys();
    if (oldest === undefined || this.#pending.size <= (this.options.maxPending ?? 10_000)) return;
    this.#pending.delete(oldest);
    this.#counts.lost += 1;
    oldest.ended.abort();
  }
}

/** https://github.com/googleapis/google-cloudevents and the CloudEvents HTTP binding, section 3.1. */
export function eventHeaders(object: ObjectResource, id: string): Record<string, string> {
  return {
    'ce-specversion': '1.0',
    'ce-id': id,
    'ce-type': 'google.cloud.storage.object.v1.finalized',
    'ce-source': `//storage.googleapis.com/projects/_/buckets/${object.bucket}`,
    // Header values are ASCII; the binding percent-encodes the rest.
    'ce-subject': `objects/${object.name.replace(/[^\x21-\x7e]|["%]/g, (character) => encodeURIComponent(character))}`,
    'ce-bucket': object.bucket,
    'ce-time': object.updated,
    'content-type': 'application/json',
  };
}

async function postByFetch({ url, headers, body }: EventPost, signal: AbortSignal): Promise<number> {
  const response = await fetch(url, { method: 'POST', headers, body, signal });
  await response.arrayBuffer();
  return response.status;
}
