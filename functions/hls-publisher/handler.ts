import { z } from 'zod';
import { within } from '../app/deadline';
import { fewAtATime } from '../app/delivery/few-at-a-time';
import { latestWins } from '../app/delivery/latest-wins';
import type { DeliveryDeps } from '../app/delivery/source';
import { advanceLive } from '../app/delivery/update-live';
import { updateRenditions } from '../app/delivery/update-renditions';
import type { RunawayNotice } from '../contract/events';
import type { StreamId } from '../contract/ids';
import { parseSessionPlaylistName } from '../contract/objects/layout';
import type { RunawayVerdict } from '../core/budget/runaway';
import { DomainError } from '../core/errors';
import { type CloudEvent, eventHandler } from '../http/event-handler';
import type { Handler, HandlerDeps } from '../http/http-handler';

const FINALIZED = 'google.cloud.storage.object.v1.finalized';
/** An hour of half-second segments is 700 kB. */
const MAX_PLAYLIST_BYTES = 4 << 20;
/** The event comes again after 60 s. A run that never settles must not keep the next one of its playlist waiting. */
const UPDATE_LIMIT_MS = 45_000;
/**
 * One that is written and one that waits for each of three sessions. The rest come again, and have nothing newer to
 * tell.
 */
const EVENTS_OF_A_STREAM = { limit: 6, patienceMs: 5000 };

/** An int64 of a storage event: a string in real events, a number in Google's published schema. */
const int64 = z
  .union([z.string(), z.number()])
  .transform(String)
  .pipe(z.string().regex(/^[0-9]{1,20}$/, 'use a whole number, as text or not'));

/** The fields used of `google.events.cloud.storage.v1.StorageObjectData`. */
const StorageObjectData = z.object({
  bucket: z.string().min(1).max(222),
  name: z.string().min(1).max(1024),
  generation: int64,
  size: int64.optional(),
});
type StorageObjectData = z.infer<typeof StorageObjectData>;

export interface HlsPublisherDeps extends DeliveryDeps, HandlerDeps {
  ingestBucket: string;
  /** The time after which it acts on an event, so that another region is done before. @default at once */
  standbyMs?: number;
  /** Counts an event of a stream, in memory. @default nobody counts */
  count?: (streamId: string, nowMs: number) => RunawayVerdict;
  /** Has a stream suspended whose events run away. @default it is logged only */
  reportRunaway?: (notice: RunawayNotice) => Promise<void>;
}

/**
 * A trigger that feeds itself costs thousands before anybody looks: noticed within the minute, without a write of its
 * own.
 */
async function watchForRunaways(streamId: StreamId, deps: HlsPublisherDeps): Promise<void> {
  const verdict = deps.count?.(streamId, deps.clock.now());
  if (verdict?.kind !== 'exceeded') return;
  const notice = { streamId, events: verdict.events, since: new Date(verdict.since).toISOString() };
  deps.log.error('runaway_trigger', notice);
  await deps
    .reportRunaway?.(notice)
    .catch((error: unknown) => deps.log.error('runaway_not_reported', { streamId, error }));
}

function assertOurs({ type, data }: CloudEvent<StorageObjectData>, ingestBucket: string): void {
  const refuse = (problem: string): never => {
    throw new DomainError('bad_request', problem);
  };
  if (type !== FINALIZED) refuse(`type: got '${type.slice(0, 100)}', must be '${FINALIZED}'`);
  if (data.bucket !== ingestBucket) refuse(`bucket: got '${data.bucket}', must be '${ingestBucket}'`);
  if (Number(data.size ?? 0) > MAX_PLAYLIST_BYTES)
    refuse(`size: got ${data.size}, at most ${MAX_PLAYLIST_BYTES} are allowed`);
}

/**
 * A session playlist was written: brings it into the live playlist. Acknowledged once it is in there, or never will be.
 */
export function hlsPublisherHandler({ standbyMs = 0, ...deps }: HlsPublisherDeps): Handler {
  const oneAtATime = latestWins<Awaited<ReturnType<typeof advanceLive>>>();
  // Renditions have their own turn: the source's next segment does not wait for them.
  const renditionsOneAtATime = latestWins<void>();
  const fewOfAStream = fewAtATime({ clock: deps.clock, ...EVENTS_OF_A_STREAM });
  const limit = { clock: deps.clock, limitMs: UPDATE_LIMIT_MS, what: 'the playlist' };
  return eventHandler(
    StorageObjectData,
    async (event) => {
      assertOurs(event, deps.ingestBucket);
      const { name } = event.data;
      const ref = parseSessionPlaylistName(name);
      if (ref === undefined) return deps.log.warn('object_ignored', { name, reason: 'not a session playlist' });
      if (standbyMs > 0) await deps.clock.sleep(standbyMs);
      await watchForRunaways(ref.streamId, deps);
      await fewOfAStream(ref.streamId, async () => {
        const { followed } = await oneAtATime(name, () => within(limit, advanceLive(deps, ref)));
        if (followed === undefined) return;
        await renditionsOneAtATime(name, () => within(limit, updateRenditions(deps, followed)));
      });
    },
    deps,
  );
}
