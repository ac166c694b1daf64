import type { PatchStream } from '../../contract/api/stream-requests';
import type { SessionId } from '../../contract/ids';
import { type EndReason, type Session, Stream } from '../../contract/state';
import type { StreamChange } from '../../ports/stores';
import { changedChat } from '../chat/settings';
import { defined } from '../defined';
import { DomainError } from '../errors';
import { type Cutoff, cutoffOf, generationOf, overdueReason } from '../publish/cutoff';
import { closeOpen, endSession, type Kick, mergeBroadcasts } from '../publish/publish';

/**
 * Effect of an order of the API on a stream: pure, to be run in one transaction. `kick`: the node of a session that has
 * ended is to be told. `plan`: a session that goes on, and when its node is to end it (`undefined`: not any more).
 */
export interface Ordered {
  change?: StreamChange & { stream: Stream };
  kick?: { session: Kick; reason: EndReason };
  plan?: { session: Kick; cutoff: Cutoff | undefined };
}

/** The settings of `patch`; `null` removes one. DomainError `policy_fixed` for another policy. */
export function patchStream(
  stream: Stream,
  { policy, dvrWindowSeconds, chat, ...patch }: PatchStream,
  at: number,
): Ordered {
  if (policy !== undefined && policy !== stream.policy)
    throw new DomainError(
      'policy_fixed',
      `policy: got '${policy}', but it is '${stream.policy}' and cannot be changed`,
    );
  const settings = { ...patch, dvrWindowSeconds: dvrWindowSeconds, chat: changedChat(stream.chat, chat) };
  const wanted = Object.entries(settings).filter(([, value]) => value !== undefined);
  const left = Object.entries({ ...stream, ...Object.fromEntries(wanted) }).filter(([, value]) => value !== null);
  const patched = Stream.parse(Object.fromEntries(left));
  return settle(withRevision(patch.recordingDays === undefined ? patched : { ...patched, recordingsExpireAt: at }), at);
}

/** A new key; the one before is good for `graceMs` more, and the one before that no longer. */
export function rotateKey(
  stream: Stream,
  { keyHash, graceMs, at }: { keyHash: string; graceMs: number; at: number },
): Ordered {
  const { previousKey: _, ...rest } = stream;
  return settle(
    withRevision({
      ...rest,
      keyHash,
      keyGeneration: generationOf(stream) + 1,
      ...(graceMs === 0 ? {} : { previousKey: { hash: stream.keyHash, until: at + graceMs } }),
    }),
    at,
  );
}

/**
 * Suspends the stream: its publisher is kicked, its broadcast ends, and its media is to be taken down. Changes nothing
 * if it is suspended already.
 */
export function suspendStream(stream: Stream, { at, reason }: { at: number; reason: string | undefined }): Ordered {
  if (stream.suspended !== undefined) return {};
  const suspended = { at, ...defined({ reason }) };
  const mediaEpoch = (stream.mediaEpoch ?? 0) + 1;
  const work = { mediaEpoch, mediaWork: { kind: 'take_down' as const, at } };
  return endBroadcast(withRevision({ ...stream, suspended, ...work }), 'suspended', at);
}

/** Publishers and viewers may come again; what was recorded is put back, under other URLs. */
export function resumeStream({ suspended, ...stream }: Stream, at: number): Ordered {
  if (suspended === undefined) return {};
  return { change: { stream: withRevision({ ...stream, mediaWork: { kind: 'put_back', at } }) } };
}

/**
 * The publisher is kicked and the broadcast is over; an encoder that connects again begins another. Nothing, if nothing
 * is open.
 */
export function stopStream(stream: Stream, at: number): Ordered {
  const isOpen = stream.unfinished.some(({ state }) => state === 'open');
  const isLive = stream.session !== undefined && stream.session.endedAt === undefined;
  return isOpen || isLive ? endBroadcast(stream, 'stopped', at) : {};
}

/** The same, of a publisher's own wish: nothing, if another session followed the one that it ended. */
export const stopSession = (stream: Stream, sessionId: SessionId, at: number): Ordered =>
  stream.session?.id === sessionId ? stopStream(stream, at) : {};

function endBroadcast(stream: Stream, reason: EndReason, at: number): Ordered {
  const broadcasts = closeOpen(stream);
  const closed = { ...stream, unfinished: mergeBroadcasts(stream.unfinished, broadcasts) };
  const ended = endLive(closed, reason, at);
  return { ...ended, change: { ...(ended.change ?? { stream: closed }), broadcasts } };
}

/** After a change of settings a live session may be over at once, later, or no longer at all. */
function settle(stream: Stream, at: number): Ordered {
  const { session } = stream;
  if (session === undefined || session.endedAt !== undefined) return { change: { stream } };
  const reason = overdueReason(stream, session, { node: undefined, nowMs: at });
  if (reason !== undefined) return endLive(stream, reason, at);
  return { change: { stream }, plan: { session: refOf(session), cutoff: cutoffOf(stream, session) } };
}

/**
 * The command is also sent for a session that has ended: its node could resume it, and heartbeats must not revive it.
 */
function endLive(stream: Stream, reason: EndReason, at: number): Ordered {
  const { session } = stream;
  if (session === undefined || session.endedAt !== undefined) return { change: { stream } };
  const ended = endSession(session, reason, at);
  return {
    change: { stream: { ...stream, session: ended }, sessions: [ended] },
    kick: { session: refOf(session), reason },
  };
}

const refOf = ({ nodeId, streamId, id }: Session): Kick => ({ nodeId, streamId, sessionId: id });
const withRevision = (stream: Stream): Stream => ({ ...stream, revision: (stream.revision ?? 0) + 1 });
