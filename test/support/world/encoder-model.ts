import type { BroadcastId, Policy, SessionId, StreamId } from '../../../functions/contract/ids';
import { OBJECT_KINDS } from '../../../functions/contract/objects/cache';
import { ordinalOf, segmentName, sessionPlaylistName } from '../../../functions/contract/objects/layout';
import { type DateRange, encodeMetadata, type RenditionAttributes } from '../../../functions/contract/objects/metadata';
import { formatMediaPlaylist, type MediaSegment } from '../../../functions/core/playlist/media-playlist';
import type { Clock, ObjectStore, WriteOptions } from '../../../functions/ports/stores';
import type { Random } from './random';

/** One publish, as the node that serves it uploads it. */
export interface SessionPlan {
  policy: Policy;
  streamId: StreamId;
  sessionId: SessionId;
  broadcastId: BroadcastId;
  windowSeconds: number;
  /** The arrival of the publisher after the run's beginning. */
  startsAtMs: number;
  segments: readonly { durationMs: number; discontinuity: boolean }[];
  /** False: the node died before it could say that the session ended. */
  saysEnded: boolean;
  /** The broadcast was stopped with this session: its playlist says that nothing follows. */
  isFinal: boolean;
}

const RENDITION = 'source';

/** The timed metadata of a segment, one in three has one; named by what its URI says. */
export const messageIn = (sessionId: string, number: number): string | undefined =>
  number % 3 === 1 ? `${sessionId}-${number}` : undefined;
const ATTRIBUTES: RenditionAttributes = {
  bandwidth: 500_000,
  codecs: 'avc1.42c01e,mp4a.40.2',
  width: 320,
  height: 180,
};

/**
 * The contract of an uploader, no more: a segment first, then the playlist that names it, one write a second and name.
 */
export async function uploadSession(
  deps: { clock: Clock; random: Random; ingest: ObjectStore; delivery: ObjectStore },
  plan: SessionPlan,
): Promise<void> {
  const { clock, random, ingest, delivery } = deps;
  const begin = clock.now() + plan.startsAtMs;
  await clock.sleep(plan.startsAtMs);
  const listed: MediaSegment[] = [];
  const dateRanges: DateRange[] = [];
  let generation = '0';
  let closedAt = begin;

  const write = async (store: ObjectStore, name: string, content: string, options: WriteOptions) => {
    for (;;) {
      const result = await store.write(name, content, options);
      if (result.kind === 'written') return result.generation;
      if (result.kind === 'conflict') throw new Error(`model of the uploader: '${name}' is somebody else's`);
      await clock.sleep(1000);
    }
  };
  const writePlaylist = async (ended: boolean, isFinal = false) => {
    const { policy, broadcastId, sessionId, windowSeconds } = plan;
    const ordinal = ordinalOf(sessionId);
    const final = isFinal ? { final: true } : {};
    const described = { policy, broadcast: broadcastId, ordinal, window: windowSeconds, ended, ...final };
    generation = await write(
      ingest,
      sessionPlaylistName({ ...plan, rendition: RENDITION }),
      formatMediaPlaylist({
        targetDurationSeconds: 5,
        mediaSequence: 0,
        discontinuitySequence: 0,
        ended: false,
        segments: listed,
        dateRanges,
      }),
      {
        ...OBJECT_KINDS.sessionPlaylist,
        metadata: encodeMetadata({ ...described, attributes: ATTRIBUTES }),
        ifGenerationMatch: generation,
      },
    );
  };

  for (const [number, segment] of plan.segments.entries()) {
    const programDateTimeMs = closedAt;
    closedAt += segment.durationMs;
    const id = messageIn(plan.sessionId, number);
    const own = id === undefined ? [] : [{ id, startMs: programDateTimeMs + 500, data: 'x' }];
    await clock.sleep(closedAt - clock.now() + (random.chance(0.05) ? random.int(2000, 9000) : 0));
    await write(delivery, segmentName({ ...plan, rendition: RENDITION, number }), `${plan.sessionId} ${number}`, {
      ...OBJECT_KINDS.segment,
      metadata: encodeMetadata({
        ...segment,
        programDateTime: new Date(programDateTimeMs).toISOString(),
        ...(own.length > 0 && { dateRanges: own }),
      }),
      ifGenerationMatch: '0',
    });
    dateRanges.push(...own);
    listed.push({ ...segment, programDateTimeMs, uri: `${number}.ts` });
    // Sometimes two segments make one playlist, as after an outage.
    if (!random.chance(0.1) || number === plan.segments.length - 1) await writePlaylist(false);
  }
  if (!plan.saysEnded) return;
  // The stop may come before the publisher has gone, or when the playlist said already that it has.
  if (!plan.isFinal || random.chance(0.5)) await writePlaylist(true);
  if (plan.isFinal) await writePlaylist(true, true);
}
