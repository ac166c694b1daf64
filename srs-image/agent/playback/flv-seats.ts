import type { StreamId } from '../../../functions/contract/ids';

export interface FlvSeatLimits {
  perNode: number;
  perStream: number;
}

/** HTTP-FLV viewers of this node. Each costs SRS and the network a whole stream. */
export class FlvSeats {
  private all = 0;
  private readonly byStream = new Map<StreamId, number>();

  constructor(private readonly limits: FlvSeatLimits) {}

  /**
   * Takes a seat, and returns the function that gives it back; further calls of it have no effect. `undefined`: there
   * is no seat.
   */
  take(streamId: StreamId): (() => void) | undefined {
    const { perNode, perStream } = this.limits;
    if (this.all >= perNode || (this.byStream.get(streamId) ?? 0) >= perStream) return undefined;
    this.change(streamId, 1);
    let isTaken = true;
    return () => {
      if (isTaken) this.change(streamId, -1);
      isTaken = false;
    };
  }

  private change(streamId: StreamId, by: number): void {
    this.all += by;
    const count = (this.byStream.get(streamId) ?? 0) + by;
    if (count === 0) this.byStream.delete(streamId);
    else this.byStream.set(streamId, count);
  }
}
