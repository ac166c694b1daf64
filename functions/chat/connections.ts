import { DomainError } from '../core/errors';
import type { Clock } from '../ports/stores';
import type { ReaderConnection } from './connection';
import { HEARTBEAT } from './events';

/** Proxies close a connection that is silent for a minute. */
const HEARTBEAT_MS = 15_000;

export interface ConnectionLimits {
  /** Readers of one instance, below what the platform lets in at a time: messages need room too. */
  perInstance: number;
  /** Readers from one address. Many people stand behind some. */
  perAddress: number;
}

/** The open connections of this instance, bounded, with one heartbeat for all of them. */
export class ReaderConnections {
  private readonly open = new Map<ReaderConnection, string>();
  private readonly ofAddress = new Map<string, number>();
  /** Ends the heartbeat; absent while there is none. */
  private beating: AbortController | undefined;
  private isStopping = false;

  constructor(
    private readonly limits: ConnectionLimits,
    private readonly clock: Clock,
  ) {}

  get size(): number {
    return this.open.size;
  }

  /** Throws `rate_limited` or `unavailable` where there is no room for one more. */
  assertRoom(address: string): void {
    const { perInstance, perAddress } = this.limits;
    if (this.isStopping || this.open.size >= perInstance)
      throw new DomainError('unavailable', 'this instance takes no more readers: try again', { retryAfterSeconds: 2 });
    if ((this.ofAddress.get(address) ?? 0) < perAddress) return;
    throw new DomainError('rate_limited', `${perAddress} connections from one address are allowed`, {
      retryAfterSeconds: 30,
    });
  }

  add(connection: ReaderConnection, address: string): void {
    this.open.set(connection, address);
    this.ofAddress.set(address, (this.ofAddress.get(address) ?? 0) + 1);
    if (this.beating === undefined) void this.beat();
  }

  remove(connection: ReaderConnection): void {
    const address = this.open.get(connection);
    if (address === undefined) return;
    this.open.delete(connection);
    const left = (this.ofAddress.get(address) ?? 0) - 1;
    if (left > 0) this.ofAddress.set(address, left);
    else this.ofAddress.delete(address);
    if (this.open.size === 0) this.beating?.abort();
  }

  /** Tells every reader to connect again, to another instance. */
  stop(): void {
    this.isStopping = true;
    for (const connection of [...this.open.keys()]) connection.end('reconnect');
  }

  private async beat(): Promise<void> {
    const beating = new AbortController();
    this.beating = beating;
    while (!beating.signal.aborted) {
      await this.clock.sleep(HEARTBEAT_MS, beating.signal);
      const now = this.clock.now();
      for (const connection of [...this.open.keys()])
        if (!connection.endIfOver(now) && !beating.signal.aborted) connection.write(HEARTBEAT);
    }
    if (this.beating === beating) this.beating = undefined;
    if (this.open.size > 0 && this.beating === undefined) await this.beat();
  }
}
