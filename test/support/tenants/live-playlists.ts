import { hlsPublisherHandler } from '../../../functions/hls-publisher/handler';
import type { Log, ObjectStore } from '../../../functions/ports/stores';
import { postRequest } from '../google/pubsub-push';
import type { VirtualClock } from '../virtual-clock';
import { instanceOf } from './instance';
import { type Leak, leakyPublisher } from './leaks';

/**
 * Twelve at a time, so that places are scarce; a push of an event is given up after 60 s, and comes again 10 s later.
 */
const INSTANCE = { places: 12, requestMs: 20, timeoutMs: 60_000 };
const RETRY_MS = 10_000;
const EVENT_MS = 300;
const BUCKET = 'ingest';
let events = 0;

export interface LivePlaylists {
  /** An object of the ingest bucket was written: its event comes, again and again until it is taken. */
  finalized(name: string, generation: string): Promise<void>;
  /** Whatever somebody says is an event. */
  event(data: unknown): Promise<Response | undefined>;
}

export interface LivePlaylistsDeps {
  clock: VirtualClock;
  ingest: ObjectStore;
  open: ObjectStore;
  randomId: (length: number) => string;
  log: Log;
  leak: Leak | undefined;
}

/** The real hls-publisher, as one instance that storage events come to. */
export function livePlaylists({ clock, ingest, open, randomId, log, leak }: LivePlaylistsDeps): LivePlaylists {
  const deps = { ingest, delivery: () => open, ingestBucket: BUCKET, clock, randomId, log };
  const ask = instanceOf(clock, leakyPublisher(leak, hlsPublisherHandler(deps)), INSTANCE);
  const event = (data: unknown) => {
    events += 1;
    const headers = {
      'ce-id': `${events}`,
      'ce-specversion': '1.0',
      'ce-type': 'google.cloud.storage.object.v1.finalized',
      'ce-source': `//storage.googleapis.com/projects/_/buckets/${BUCKET}`,
    };
    return ask(postRequest('/', JSON.stringify(data) ?? '', headers));
  };
  return {
    event,
    async finalized(name, generation) {
      await clock.sleep(EVENT_MS);
      for (let attempt = 0; attempt < 5; attempt += 1) {
        const answer = await event({ bucket: BUCKET, name, generation });
        if (answer?.ok) return;
        await clock.sleep(RETRY_MS);
      }
    },
  };
}
