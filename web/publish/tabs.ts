import type { StreamId } from '../../functions/contract/ids';

const CHANNEL = 'srs-live publish';

/**
 * Tells other tabs of this browser which stream this one begins to publish, and hears of theirs: two tabs would take it
 * from each other for ever.
 */
export class Tabs {
  private readonly channel = new BroadcastChannel(CHANNEL);

  constructor(onOther: (streamId: unknown) => void) {
    this.channel.addEventListener('message', ({ data }) => onOther(data));
  }

  announce(streamId: StreamId): void {
    this.channel.postMessage(streamId);
  }
}
