import type { StreamId } from '../../../functions/contract/ids';
import type { FlvViewers } from '../../../functions/contract/limits';

export interface Viewer {
  streamId: StreamId;
  address: string;
}

/** HTTP-FLV viewers of this node. Each costs SRS and the network a whole stream. */
export class FlvSeats {
  private all = 0;
  private readonly held = new Map<string, number>();

  constructor(private readonly limits: FlvViewers) {}

  /**
   * Takes a seat, and returns the function that gives it back; further calls of it have no effect. Returns a sentence
   * where there is no seat.
   */
  take({ streamId, address }: Viewer): (() => void) | string {
    const { perNode, perStream, perAddress } = this.limits;
    const keys = [`stream ${streamId}`, `address ${address}`] as const;
    if (this.all >= perNode) return `this node has ${perNode} viewers by HTTP-FLV, which is the maximum: play HLS`;
    if (this.countOf(keys[0]) >= perStream)
      return `the stream has ${perStream} viewers by HTTP-FLV here, which is the maximum: play HLS`;
    if (this.countOf(keys[1]) >= perAddress)
      return `this address plays ${perAddress} streams by HTTP-FLV, which is the maximum`;
    this.change(keys, 1);
    let isTaken = true;
    return () => {
      if (isTaken) this.change(keys, -1);
      isTaken = false;
    };
  }

  private countOf(key: string): number {
    return this.held.get(key) ?? 0;
  }

  private change(keys: readonly string[], by: number): void {
    this.all += by;
    for (const key of keys) {
      const count = this.countOf(key) + by;
      if (count === 0) this.held.delete(key);
      else this.held.set(key, count);
    }
  }
}
