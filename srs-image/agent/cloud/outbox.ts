import { pauseAfter } from '../../../functions/app/backoff';
import type { Clock, Log } from '../../../functions/ports/stores';
import { Signal } from '../runtime/signal';

/** Something the cloud, or SRS, must be told. `send` answers false when it has to be tried again. */
export interface Message {
  name: string;
  /**
   * The owner, a stream or a stranger's address: messages of one party are sent one after the other, and wait for
   * nobody else's.
   */
  party: string;
  send: () => Promise<boolean>;
}

/** More than a node's publishers all leaving at once. */
const LIMIT = 10_000;
/** Requests under way at a time. */
const AT_ONCE = 16;
const PAUSES = { firstMs: 500, lastMs: 10_000 };

/** The messages of one party. One that fails goes to the end, and all of them wait a while. */
interface Queue {
  messages: Message[];
  failures: number;
  /** A message is under way, or the pause after one that failed is not over. */
  isBusy: boolean;
}

/** Delivers in the background, until it is done: what one party's messages meet with holds up no other's. */
export class Outbox {
  private readonly queues = new Map<string, Queue>();
  private readonly changed = new Signal();
  private underWay = 0;
  private count = 0;

  constructor(private readonly deps: { clock: Clock; log: Log }) {}

  get size(): number {
    return this.count;
  }

  /** Adds a message. If there are too many, the party with most of them loses its oldest. */
  add(message: Message): void {
    if (this.count >= LIMIT) this.dropOne();
    const queue = this.queues.get(message.party) ?? { messages: [], failures: 0, isBusy: false };
    queue.messages.push(message);
    this.count += 1;
    this.queues.set(message.party, queue);
    this.changed.notify();
  }

  async run(stop: AbortSignal): Promise<void> {
    stop.addEventListener('abort', () => this.changed.notify(), { once: true });
    while (!stop.aborted) {
      for (const [party, queue] of this.queues) {
        if (this.underWay >= AT_ONCE) break;
        if (!queue.isBusy) this.serve(party, queue, stop);
      }
      await this.changed.wait();
    }
  }

  private dropOne(): void {
    const longest = [...this.queues.values()].reduce((a, b) => (b.messages.length > a.messages.length ? b : a));
    this.count -= 1;
    this.deps.log.error('message_dropped', { name: longest.messages.shift()?.name, limit: LIMIT });
  }

  /** Never rejects. */
  private async serve(party: string, queue: Queue, stop: AbortSignal): Promise<void> {
    // The next in turn comes after all others.
    this.queues.delete(party);
    this.queues.set(party, queue);
    queue.isBusy = true;
    this.underWay += 1;
    const done = await this.deliver(queue);
    this.underWay -= 1;
    this.changed.notify();
    queue.failures = done ? 0 : queue.failures + 1;
    if (!done) await this.deps.clock.sleep(pauseAfter(PAUSES, queue.failures), stop);
    queue.isBusy = false;
    if (queue.messages.length === 0) this.queues.delete(party);
    this.changed.notify();
  }

  private async deliver({ messages }: Queue): Promise<boolean> {
    const [message] = messages;
    if (message === undefined) return true;
    const done = await message.send().catch((error: unknown) => {
      this.deps.log.error('message_failed', { name: message.name, error });
      return false;
    });
    // It may have been dropped meanwhile.
    const at = messages.indexOf(message);
    if (at < 0) return done;
    messages.splice(at, 1);
    if (done) this.count -= 1;
    else messages.push(message);
    return done;
  }
}
