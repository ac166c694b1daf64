import { invalidateMedia } from '../../app/delivery/invalidations';
import { listSources } from '../../app/delivery/read-source';
import { removeBroadcastMedia, removePlaylists, removeSegments, removeSources } from '../../app/delivery/remove-media';
import { writeRecording } from '../../app/delivery/write-recording';
import type { BroadcastId } from '../../contract/ids';
import { recordingName } from '../../contract/objects/layout';
import type { Broadcast, Session, Stream } from '../../contract/state';
import { DomainError } from '../../core/errors';
import type { ApiDeps } from '../api-deps';
import { mediaWorkDeps } from '../streams/take-down';
import { sessionsOf } from './history';

/**
 * A recording with its sessions and their media, gone, from the CDN too, the stream store's part last: a deletion which
 * failed half-way can be asked for again. Throws `recording_unfinished`.
 */
export async function deleteRecording(stream: Stream, broadcast: Broadcast, deps: ApiDeps): Promise<void> {
  if (broadcast.state !== 'closed')
    throw new DomainError('recording_unfinished', `the broadcast is ${broadcast.state}: try again when it is closed`);
  const sessions = await sessionsOf(broadcast, deps);
  await removeBroadcastMedia(deps, stream, { id: broadcast.id, sessions });
  await invalidateMedia(stream, { broadcastId: broadcast.id, sessions }, mediaWorkDeps(deps));
  await forget(stream, { sessions: sessions.map(({ id }) => id), broadcasts: [broadcast.id] }, deps);
}

/**
 * A session and its media, gone, out of its recording first: no playlist names a segment that is not there. The live
 * playlist of its broadcast, which is over, goes too. The last session of a recording takes it along. Throws
 * `session_live`.
 */
export async function deleteSession(stream: Stream, session: Session, deps: ApiDeps): Promise<void> {
  const broadcast = await deps.streamStore.getBroadcast(stream.id, session.broadcastId);
  if (session.endedAt === undefined || (broadcast !== undefined && broadcast.state !== 'closed'))
    throw new DomainError('session_live', 'the session is live, or its broadcast is not finished');
  const others = (await sessionsOf({ id: session.broadcastId, streamId: stream.id }, deps)).filter(
    ({ id }) => id !== session.id,
  );
  if (others.length === 0 && broadcast !== undefined) return deleteRecording(stream, broadcast, deps);
  await removeSources(deps, [session]);
  await leaveOut(stream, { broadcastId: session.broadcastId, others }, deps);
  await removeSegments(deps, stream, session.id);
  await invalidateMedia(stream, { broadcastId: session.broadcastId, sessions: [session] }, mediaWorkDeps(deps));
  await forget(stream, { sessions: [session.id], broadcasts: [] }, deps);
}

async function leaveOut(
  stream: Stream,
  { broadcastId, others }: { broadcastId: BroadcastId; others: Session[] },
  deps: ApiDeps,
): Promise<void> {
  const store = deps.delivery(stream.policy);
  const { epoch } = (await deps.streamStore.getBroadcast(stream.id, broadcastId)) ?? {};
  const recording = recordingName({ policy: stream.policy, streamId: stream.id, broadcastId, epoch });
  const wasRecorded = (await store.stat(recording)) !== undefined;
  await removePlaylists(deps, stream, broadcastId);
  if (!wasRecorded) return;
  const sources = await Promise.all(others.map(({ id }) => listSources(deps, { streamId: stream.id, sessionId: id })));
  await writeRecording(deps, { stream, broadcastId, sessions: others, epoch }, sources.flat());
}

/** The stream itself keeps its newest session: its ordinal counts on. */
async function forget(
  { id }: Stream,
  removed: { sessions: readonly Session['id'][]; broadcasts: readonly BroadcastId[] },
  { streamStore }: ApiDeps,
): Promise<void> {
  await streamStore.changeStream<void>(id, () => ({ change: { removed }, result: undefined }));
}
