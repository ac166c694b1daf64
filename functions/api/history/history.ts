import { z } from 'zod';
import type { RecordingAnswer, UsageQuery } from '../../contract/api/history';
import { BroadcastId } from '../../contract/ids';
import { heldPrefix, recordingName, streamPrefix } from '../../contract/objects/layout';
import type { Broadcast, Node, Session, Stream } from '../../contract/state';
import { isPublishing } from '../../core/publish/liveness';
import { publishedMs } from '../../core/usage/published';
import type { ApiDeps } from '../api-deps';
import { cursorPositionOf, decodeCursor, pageOf } from '../requests/cursor';
import { notFoundError } from '../requests/not-found-error';
import { iso, playbackUrl, sessionFields } from '../streams/stream-answer';

interface HistoryPage {
  limit: number;
  cursor?: string | undefined;
}

export const sessionAnswer = (session: Session, nodes: readonly Node[], nowMs: number) => ({
  ...sessionFields(session),
  live: isPublishing(
    session,
    nodes.find(({ id }) => id === session.nodeId),
    nowMs,
  ),
});

const Ordinal = z.tuple([z.int().min(1).max(999_999_999)]);

export async function sessionPage({ id }: Stream, { limit, cursor }: HistoryPage, { streamStore, clock }: ApiDeps) {
  const place = decodeCursor(cursor, Ordinal);
  const found = await streamStore.pageSessions(id, { limit: limit + 1, ...(place && { before: place[0] }) });
  const nodes = await streamStore.listNodes();
  const { page, more } = pageOf(found, limit, (last) => [last.ordinal]);
  return { sessions: page.map((session) => sessionAnswer(session, nodes, clock.now())), ...more };
}

const STATES = { open: 'live', closing: 'processing', closed: 'ready' } as const;

function recordingState({ suspended, mediaWork }: Stream, { state }: Broadcast): RecordingAnswer['state'] {
  if (suspended !== undefined) return 'taken_down';
  return mediaWork !== undefined && state === 'closed' ? 'processing' : STATES[state];
}

/** A broadcast as a recording. */
export function recordingAnswer(stream: Stream, broadcast: Broadcast, deps: ApiDeps): RecordingAnswer {
  const { id, streamId, startedAt, closedAt, epoch } = broadcast;
  const state = recordingState(stream, broadcast);
  const hls = playbackUrl(recordingName({ policy: stream.policy, streamId, broadcastId: id, epoch }), deps);
  return {
    id,
    state,
    startedAt: iso(startedAt),
    ...(closedAt === undefined ? {} : { readyAt: iso(closedAt) }),
    ...(state === 'ready' ? { playback: { hls } } : {}),
  };
}

const isRecorded = (stream: Stream, { recording = stream.recording }: Broadcast): boolean => recording;
const BroadcastPlace = cursorPositionOf(BroadcastId);

export async function recordingPage(stream: Stream, { limit, cursor }: HistoryPage, deps: ApiDeps) {
  const place = decodeCursor(cursor, BroadcastPlace);
  const after = place && { startedAt: place[0], id: place[1] };
  const found = await deps.streamStore.pageBroadcasts(stream.id, { limit: limit + 1, ...(after && { after }) });
  const { page, more } = pageOf(found, limit, (last) => [last.startedAt, last.id]);
  const recorded = page.filter((each) => isRecorded(stream, each));
  return { recordings: recorded.map((each) => recordingAnswer(stream, each, deps)), ...more };
}

/** The broadcast, if it was or is recorded; else `recording_not_found`. */
export async function findRecording(stream: Stream, id: BroadcastId, { streamStore }: ApiDeps): Promise<Broadcast> {
  const broadcast = await streamStore.getBroadcast(stream.id, id);
  if (broadcast === undefined || !isRecorded(stream, broadcast)) throw notFoundError('recordingId');
  return broadcast;
}

/** The sessions of a broadcast, by ordinal. */
export async function sessionsOf(
  broadcast: Pick<Broadcast, 'id' | 'streamId'>,
  { streamStore }: ApiDeps,
): Promise<Session[]> {
  return (await streamStore.listSessions(broadcast.streamId)).filter(({ broadcastId }) => broadcastId === broadcast.id);
}

export async function usageOf(
  stream: Stream,
  { from, to }: UsageQuery,
  { streamStore, delivery, ingest, clock }: ApiDeps,
) {
  const nowMs = clock.now();
  const range = {
    fromMs: from === undefined ? stream.createdAt : Date.parse(from),
    toMs: to === undefined ? nowMs : Date.parse(to),
  };
  const store = delivery(stream.policy);
  const [sessions, nodes, ...objects] = await Promise.all([
    streamStore.listSessions(stream.id),
    streamStore.listNodes(),
    store.list(streamPrefix(stream.policy, 'p', stream.id)),
    store.list(streamPrefix(stream.policy, 's', stream.id)),
    ingest.list(`${stream.id}/`),
    delivery('gated').list(heldPrefix(stream.policy, stream.id)),
  ]);
  return {
    from: iso(range.fromMs),
    to: iso(range.toMs),
    publishedMinutes: Math.round(publishedMs(sessions, range, { nodes, nowMs }) / 600) / 100,
    bytesStored: objects.flat().reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  };
}
