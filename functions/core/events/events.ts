import type { z } from 'zod';
import type { BudgetChange } from '../../contract/budget';
import type {
  BudgetStageChanged,
  EventId,
  NodeLost,
  PlatformEvent,
  RecordingExpired,
  RecordingReady,
  RenditionsChanged,
  StreamCreated,
  StreamEnded,
  StreamFailover,
  StreamLive,
  StreamReconnecting,
  StreamSuspended,
  StreamWarning,
  SuspendCause,
} from '../../contract/events';
import { recordingName, urlPathOf } from '../../contract/objects/layout';
import type { Broadcast, Node, Session, Stream } from '../../contract/state';
import { sha256Hex } from '../signing/hash';

/**
 * The events, made of what happened. Pure, and the same happening always gives the same id: two instances that notice
 * it, or one that tells it twice, send doubles a receiver can recognise. Times in milliseconds.
 */
const envelope = (type: PlatformEvent['type'], atMs: number, occurrence: readonly (string | number)[]) => ({
  id: eventId(type, occurrence),
  version: 1 as const,
  occurredAt: iso(atMs),
});

const eventId = (type: PlatformEvent['type'], occurrence: readonly (string | number)[]): EventId =>
  `evt_${sha256Hex([type, ...occurrence].join('|')).slice(0, 32)}`;

const iso = (atMs: number): string => new Date(atMs).toISOString();

type CreatedStream = Pick<Stream, 'id' | 'title' | 'policy' | 'recording' | 'createdAt'>;

export const streamCreated = ({
  id,
  title,
  policy,
  recording,
  createdAt,
}: CreatedStream): z.infer<typeof StreamCreated> => ({
  type: 'stream.created',
  ...envelope('stream.created', createdAt, [id]),
  streamId: id,
  data: { title, policy, recording },
});

type Published = Pick<Session, 'id' | 'streamId' | 'broadcastId' | 'startedAt'>;

/** Once a session. */
export const streamLive = ({ id, streamId, broadcastId, startedAt }: Published): z.infer<typeof StreamLive> => ({
  type: 'stream.live',
  ...envelope('stream.live', startedAt, [streamId, id]),
  streamId,
  data: { broadcastId, sessionId: id },
});

/** Its publisher was there all the time: told again, because its end was told. `endedAt`: that end. */
export const streamRevived = (
  { id, streamId, broadcastId }: Published,
  endedAt: number,
  atMs: number,
): z.infer<typeof StreamLive> => ({
  type: 'stream.live',
  ...envelope('stream.live', atMs, [streamId, id, endedAt]),
  streamId,
  data: { broadcastId, sessionId: id },
});

/** Once a change from a session to the one that stood by. `atMs`: when it was noticed. */
export const streamFailover = (
  { id, streamId, broadcastId }: Published,
  { from, atMs }: { from: Session['id']; atMs: number },
): z.infer<typeof StreamFailover> => ({
  type: 'stream.failover',
  ...envelope('stream.failover', atMs, [streamId, from, id]),
  streamId,
  data: { broadcastId, sessionId: id, fromSessionId: from },
});

type Ended = Published & { endedAt: number; endReason: string };

/** Once an end of a session: a revived session may end again. */
export const streamReconnecting = (session: Ended): z.infer<typeof StreamReconnecting> => ({
  type: 'stream.reconnecting',
  ...envelope('stream.reconnecting', session.endedAt, [session.streamId, session.id, session.endedAt]),
  streamId: session.streamId,
  data: { broadcastId: session.broadcastId, sessionId: session.id, endReason: session.endReason },
});

type BroadcastIds = Pick<Broadcast, 'id' | 'streamId'>;

/** `atMs`: when the broadcast was closed to further sessions. */
export const streamEnded = ({ id, streamId }: BroadcastIds, atMs: number): z.infer<typeof StreamEnded> => ({
  type: 'stream.ended',
  ...envelope('stream.ended', atMs, [streamId, id]),
  streamId,
  data: { broadcastId: id },
});

/** `atMs`: when its playlists were written. */
export const recordingReady = (
  { id, streamId, policy, epoch }: BroadcastIds & Pick<Broadcast, 'epoch'> & Pick<Stream, 'policy'>,
  atMs: number,
): z.infer<typeof RecordingReady> => ({
  type: 'stream.recording.ready',
  ...envelope('stream.recording.ready', atMs, [streamId, id, ...(epoch === undefined ? [] : [epoch])]),
  streamId,
  data: { broadcastId: id, path: urlPathOf(recordingName({ policy, streamId, broadcastId: id, epoch })) },
});

/** Once a recording. `atMs`: when it was removed. */
export const recordingExpired = ({ id, streamId }: BroadcastIds, atMs: number): z.infer<typeof RecordingExpired> => ({
  type: 'stream.recording.expired',
  ...envelope('stream.recording.expired', atMs, [streamId, id]),
  streamId,
  data: { broadcastId: id },
});

export const streamSuspended = (
  { id: streamId }: Pick<Stream, 'id'>,
  { cause, atMs }: { cause: SuspendCause; atMs: number },
): z.infer<typeof StreamSuspended> => ({
  type: 'stream.suspended',
  ...envelope('stream.suspended', atMs, [streamId, atMs]),
  streamId,
  data: { cause },
});

interface WarningEdge {
  warning: Omit<NonNullable<Session['warnings']>[number], 'at'>;
  state: 'begun' | 'over';
  atMs: number;
}

/** Once each time that a warning begins, and once when it is over. */
export const streamWarning = (
  { id, streamId, broadcastId }: Published,
  { warning: { code, message }, state, atMs }: WarningEdge,
): z.infer<typeof StreamWarning> => ({
  type: 'stream.warning',
  ...envelope('stream.warning', atMs, [streamId, id, code, state, atMs]),
  streamId,
  data: { broadcastId, sessionId: id, code, message, state },
});

type ToldOf = Published & { toldRenditions: NonNullable<Session['toldRenditions']> };

/** The event of one change. */
export const renditionsChanged = ({
  id,
  streamId,
  broadcastId,
  toldRenditions: { renditions, at },
}: ToldOf): z.infer<typeof RenditionsChanged> => ({
  type: 'stream.renditions.changed',
  ...envelope('stream.renditions.changed', at, [streamId, id, at, JSON.stringify(renditions)]),
  streamId,
  data: { broadcastId, sessionId: id, renditions },
});

/** Once a heartbeat that was the last. `atMs`: when it was noticed. */
export const nodeLost = (
  { id, heartbeatAt, sessions }: Pick<Node, 'id' | 'heartbeatAt' | 'sessions'>,
  atMs: number,
): z.infer<typeof NodeLost> => ({
  type: 'node.lost',
  ...envelope('node.lost', atMs, [id, heartbeatAt]),
  data: {
    nodeId: id,
    lastHeartbeatAt: iso(heartbeatAt),
    streams: sessions.filter(({ publishing }) => publishing).length,
  },
});

export const budgetStageChanged = ({ at, by: _, ...data }: BudgetChange): z.infer<typeof BudgetStageChanged> => ({
  type: 'budget.stage',
  ...envelope('budget.stage', at, [data.before, data.stage, at]),
  data,
});
