import type { Clock, Log } from '../../functions/core/ports';
import { Signal } from './signal';

/** Something the cloud must be told. `send` answers false when it has to be tried again. */
export interface Message {
  name: string;
  send: () => Promise<boolean>;
}

/** More than a node's publishers all leaving at once. */
const LIMIT = 10_000;
const FIRST_PAUSE_MS = 500;
const LAST_PAUSE_MS = 10_000;

/** Delivers in the background, until it is done. One that fails goes to the end, so it does not hold up the others. */
export class Outbox {
  private readonly queue: Message[] = [];
  private readonly added = new Signal();

  constructor(private readonly deps: { clock: Clock; log: Log }) {}

  get size(): number {
    return this.queue.length;
  }

  add(message: Message): void {
    if (this.queue.length >= LIMIT) this.deps.log.error('message_dropped', { name: this.queue.shift()?.name, limit: LIMIT });
    this.queue.push(message);
    this.added.notify();
  }

  async run(stop: AbortSignal): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    while (!stop.aborted) {
      const message = this.queue[0];
      if (message === undefined) {
        await this.added.wait();
      } else if (await this.deliver(message)) {
        pauseMs = FIRST_PAUSE_MS;
      } else {
        await this.deps.clock.sleep(pauseMs);
        pauseMs = Math.min(LAST_PAUSE_MS, pauseMs * 2);
      }
    }
  }

  private async deliver(message: Message): Promise<boolean> {
    const done = await message.send().catch((error: unknown) => {
      this.deps.log.error('message_failed', { name: message.name, error });
      return false;
    });
    // The queue may have dropped it meanwhile.
    const at = this.queue.indexOf(message);
    if (at >= 0) this.queue.splice(at, 1);
    if (!done) this.queue.push(message);
    return done;
  }
}
