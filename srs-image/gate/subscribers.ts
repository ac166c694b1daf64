import type { GateLimits } from '../../functions/contract/gate';
import { GateRefusal } from './refusal';
import { subscriberOf } from './sources';

const MINUTE_MS = 60_000;

/** The number of connections of each client, and of those it opened in this minute. */
export class Subscribers {
  private readonly open = new Map<string, number>();
  private readonly begun = new Map<string, number>();
  private minute = 0;

  constructor(private readonly limits: Pick<GateLimits, 'connectionsPerAddress' | 'connectsPerMinute'>) {}

  /** Throws `GateRefusal`; answers how to leave again. Times in milliseconds. */
  enter(client: string, now: number): () => void {
    const { connectionsPerAddress, connectsPerMinute } = this.limits;
    const subscriber = subscriberOf(client);
    this.turn(now);
    const begun = (this.begun.get(subscriber) ?? 0) + 1;
    this.begun.set(subscriber, begun);
    if (begun > connectsPerMinute)
      throw new GateRefusal(
        'connects_of_address',
        `more than ${connectsPerMinute} connections of one address in a minute`,
      );
    const open = (this.open.get(subscriber) ?? 0) + 1;
    if (open > connectionsPerAddress)
      throw new GateRefusal('connections_of_address', `more than ${connectionsPerAddress} connections of one address`);
    this.open.set(subscriber, open);
    return () => this.leave(subscriber);
  }

  private leave(subscriber: string): void {
    const open = (this.open.get(subscriber) ?? 1) - 1;
    if (open === 0) this.open.delete(subscriber);
    else this.open.set(subscriber, open);
  }

  private turn(now: number): void {
    const minute = Math.floor(now / MINUTE_MS);
    if (minute !== this.minute) this.begun.clear();
    this.minute = minute;
  }
}
