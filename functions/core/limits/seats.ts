import type { FlvLimits } from '../../contract/limits';
import { DomainError } from '../errors';

export interface Viewer {
  streamId: string;
  address: string;
}

/** Viewers that stay for long, counted in this process. */
export class Seats {
  private all = 0;
  private readonly taken = new Map<string, number>();

  constructor(private readonly limits: FlvLimits) {}

  /**
   * A seat, and how it is given back, once however often. `viewer_limit` for a stream or an address that has as many,
   * else `unavailable`.
   */
  take({ streamId, address }: Viewer): () => void {
    const { perInstance, perStream, perAddress } = this.limits;
    const held = [`stream ${streamId}`, `address ${address}`] as const;
    if (this.countOf(held[0]) >= perStream)
      throw full(`the stream has ${perStream} viewers by HTTP-FLV, which is the maximum`);
    if (this.countOf(held[1]) >= perAddress)
      throw full(`this address plays ${perAddress} streams by HTTP-FLV, which is the maximum`);
    if (this.all >= perInstance)
      throw new DomainError(
        'unavailable',
        'the server has the maximum number of HTTP-FLV viewers: try again, or play HLS',
      );
    this.change(held, 1);
    let isTaken = true;
    return () => {
      if (isTaken) this.change(held, -1);
      isTaken = false;
    };
  }

  private countOf(key: string): number {
    return this.taken.get(key) ?? 0;
  }

  private change(keys: readonly string[], by: number): void {
    this.all += by;
    for (const key of keys) {
      const count = this.countOf(key) + by;
      if (count === 0) this.taken.delete(key);
      else this.taken.set(key, count);
    }
  }
}

const full = (message: string): DomainError => new DomainError('viewer_limit', message);
