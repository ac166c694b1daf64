import { gcsObjectStore } from '../../../../functions/adapters/gcp/storage/object-store';
import { storageClient } from '../../../../functions/adapters/gcp/storage/storage-client';
import { rememberingStore } from '../../../../functions/adapters/remembering-store';
import { finishBroadcast, mergeSession } from '../../../../functions/app/delivery/finish-broadcast';
import { OBJECT_KINDS } from '../../../../functions/contract/objects/cache';
import { hlsPublisherHandler } from '../../../../functions/hls-publisher/handler';
import type { Log } from '../../../../functions/ports/stores';
import { objectStoreServer } from '../../../../scripts/emulators/gcs';
import type { OperationCounts } from '../../../../scripts/emulators/gcs/meter';
import { uploadSession } from '../../../support/world/encoder-model';
import { type Random, seededRandom } from '../../../support/world/random';

const STREAM = { id: 'abcdefgh01234567', policy: 'open', recording: true } as const;
const SESSION = { streamId: STREAM.id, sessionId: '1-aaaaaaaa', broadcastId: 'b1-aaaaaaaa' } as const;
const SEGMENT_MS = 2000;
const RECONCILE_MS = 60_000;
const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
/** Nothing goes wrong, so that nothing is done twice. */
const certain: Random = { ...seededRandom(1), chance: () => false };

/** A deadline that never comes: it takes no time of the clock, and ends with what it stands beside. */
const nothingHangs = (_ms: number, ended?: AbortSignal): Promise<void> =>
  new Promise((resolve) => ended?.addEventListener('abort', () => resolve(), { once: true }));

/**
 * A broadcast of one rendition from its first segment to its recording, by the real handlers over the metered object
 * store.
 */
export async function meteredBroadcast(segments: number): Promise<OperationCounts> {
  let now = Date.UTC(2026, 10, 20);
  const server = objectStoreServer({
    port: 0,
    buckets: [{ name: 'ingest' }, { name: 'open' }],
    clock: { now: () => now },
  });
  const storage = storageClient({ projectId: 'p', apiEndpoint: (await server.start()).origin });
  const ingest = gcsObjectStore(storage, 'ingest');
  const open = gcsObjectStore(storage, 'open');
  const deps = { ingest, delivery: () => open, log: silent, ingestBucket: 'ingest', randomId: () => 'abcdefgh' };
  const remembered = rememberingStore(open);
  const publisher = { ...deps, delivery: () => remembered };
  const events: { name: string; generation: string }[] = [];
  const stop = server.onFinalized(({ bucket, name, generation }) => {
    if (bucket === 'ingest') events.push({ name, generation: String(generation) });
  });
  let reconciledAt = now;
  const clock = {
    now: () => now,
    /** Time goes on once everything that was told is dealt with, as it is long before the next segment. */
    sleep: async (ms: number) => {
      const publish = hlsPublisherHandler({
        ...publisher,
        clock: { now: () => now, sleep: clock.pass, sleepAwake: nothingHangs },
      });
      for (const event of events.splice(0)) await publish(eventOf(event));
      now += Math.max(0, ms);
      if (now - reconciledAt < RECONCILE_MS) return;
      reconciledAt += RECONCILE_MS;
      await mergeSession({ ...deps, clock }, SESSION);
    },
    pass: async (ms: number) => {
      now += ms;
    },
  };
  try {
    const plan = { ...STREAM, ...SESSION, windowSeconds: 600, startsAtMs: 0, saysEnded: true, isFinal: false };
    const media = Array.from({ length: segments }, () => ({ durationMs: SEGMENT_MS, discontinuity: false }));
    await uploadSession({ clock, random: certain, ingest, delivery: open }, { ...plan, segments: media });
    await clock.sleep(SEGMENT_MS);
    await finishBroadcast(
      { ...deps, clock },
      { stream: STREAM, broadcastId: SESSION.broadcastId, sessions: [{ id: SESSION.sessionId }] },
    );
    return server.operations();
  } finally {
    stop();
    await server.stop();
  }
}

const eventOf = ({ name, generation }: { name: string; generation: string }): Request =>
  new Request('http://hls-publisher/', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'ce-id': generation,
      'ce-specversion': '1.0',
      'ce-type': 'google.cloud.storage.object.v1.finalized',
      'ce-source': '//storage.googleapis.com/projects/_/buckets/ingest',
    },
    body: JSON.stringify({ bucket: 'ingest', name, generation, size: '1' }),
  });

/** Class A operations of one list of `objects` objects. */
export async function meteredList(objects: number): Promise<number> {
  const server = objectStoreServer({ port: 0, buckets: [{ name: 'open' }] });
  const open = gcsObjectStore(storageClient({ projectId: 'p', apiEndpoint: (await server.start()).origin }), 'open');
  const write = (number: number) =>
    open.write(`s/${number}.ts`, '', { ...OBJECT_KINDS.segment, metadata: {}, ifGenerationMatch: '0' });
  try {
    for (let first = 0; first < objects; first += 50)
      await Promise.all(Array.from({ length: Math.min(50, objects - first) }, (_, index) => write(first + index)));
    const before = server.operations().classA;
    await open.list('s/');
    return server.operations().classA - before;
  } finally {
    await server.stop();
  }
}
