import { takeDownStream } from '../../app/delivery/media-work';
import { removeAll } from '../../app/delivery/remove-objects';
import { removeMarks } from '../../app/delivery/taken-down';
import { pollUntil } from '../../app/poll-until';
import { commandKick } from '../../app/publish/notify-node';
import { tellToEndPlays } from '../../app/publish/order-end-of-plays';
import type { StreamId } from '../../contract/ids';
import type { Node, Session, Stream } from '../../contract/state';
import { defined } from '../../core/defined';
import { type Principal, withinReach } from '../../core/identity/principal';
import { isNodeAlive } from '../../core/publish/liveness';
import { endSession } from '../../core/publish/publish';
import type { ApiDeps } from '../api-deps';
import { notFoundError } from '../requests/not-found-error';
import { assertMatch } from './etag';
import { mediaWorkDeps } from './take-down';

/** No key has this hash: nobody publishes any more, while the rest is still being removed. */
const NO_KEY = '0'.repeat(64);
/**
 * A kick goes out with the next heartbeat, SRS lets go, the last segment is uploaded, the heartbeat after that tells:
 * 10 s at most each.
 */
const QUIET_LIMIT_MS = 25_000;
const QUIET_POLL_MS = 500;

export interface Deletion {
  id: StreamId;
  principal: Principal;
  ifMatch?: string | undefined;
}

/**
 * The stream, its media and its history, gone; throws `stream_not_found` if there was none. What viewers have goes
 * first, cached or not, then the publisher, then what came late from its node. The stream store's part goes last, so
 * that a deletion which failed half-way can be asked for again.
 */
export async function deleteStream(deletion: Deletion, deps: ApiDeps): Promise<void> {
  const stream = await shutStream(deletion, deps);
  const work = mediaWorkDeps(deps);
  await removeAll(deps.ingest, `${stream.id}/`);
  await takeDownStream(stream, 'remove', work);
  await tellToEndPlays({ streamId: stream.id, reason: 'deleted' }, deps);
  const publishers = [stream.session, stream.backup].filter((each) => each !== undefined);
  await Promise.all(publishers.map((session) => endPublisher(session, deps)));
  await removeAll(deps.ingest, `${stream.id}/`);
  await takeDownStream(stream, 'remove', work);
  await removeMarks(deps, stream);
  await deps.audiences.remove(stream.id);
  if (stream.chat !== undefined) await deps.chat.rooms.remove(stream.id);
  await deps.streamStore.deleteStream(stream.id);
}

/** Refuses publishers, takes the stream from the reconciler, ends its session. */
function shutStream({ id, principal, ifMatch }: Deletion, { streamStore, clock }: ApiDeps): Promise<Stream> {
  return streamStore.changeStream(id, (found) => {
    const current = withinReach(principal, found);
    if (current === undefined) throw notFoundError('id');
    assertMatch(ifMatch, current);
    const session = current.session && endSession(current.session, 'deleted', clock.now());
    const backup = current.backup && endSession(current.backup, 'deleted', clock.now());
    const { previousKey: _, backup: __, ...kept } = current;
    const at = clock.now();
    const mediaWork = { kind: 'delete' as const, at };
    const suspended = current.suspended ?? { at };
    const stream = { ...kept, keyHash: NO_KEY, unfinished: [], suspended, mediaWork, ...(session && { session }) };
    // Those that were open are marked: nothing makes a playlist of them any more.
    return {
      change: { stream, sessions: [session, backup].filter((each) => each !== undefined) },
      result: { ...stream, ...defined({ backup }), unfinished: current.unfinished },
    };
  });
}

async function endPublisher(session: Session, { streamStore, clock, log }: ApiDeps): Promise<void> {
  const { nodeId, streamId, id: sessionId } = session;
  const askedAt = clock.now();
  const node = await streamStore.getNode(nodeId);
  if (!isNodeAlive(node, askedAt) || (session.endReason !== 'deleted' && !serves(node, session))) return;
  await commandKick({ nodeId, streamId, sessionId }, 'deleted', { streamStore, clock });
  const limitMs = askedAt + QUIET_LIMIT_MS - clock.now();
  const quiet = await pollUntil({ clock, everyMs: QUIET_POLL_MS, limitMs }, async () =>
    isQuiet(await streamStore.getNode(nodeId), session, { askedAt, now: clock.now() }),
  );
  if (!quiet) log.warn('deleted_while_published', { streamId, sessionId, nodeId });
}

/**
 * A session younger than the node's last heartbeat is not named there yet: only a later heartbeat tells that nobody is
 * left.
 */
function isQuiet(node: Node | undefined, session: Session, at: { askedAt: number; now: number }): boolean {
  if (node === undefined || !isNodeAlive(node, at.now)) return true;
  return node.heartbeatAt > at.askedAt && !serves(node, session);
}

function serves(node: Node | undefined, session: Session): boolean {
  const named = node?.sessions.find(
    ({ streamId, sessionId }) => streamId === session.streamId && sessionId === session.id,
  );
  return named !== undefined && (named.publishing || named.pendingSegments > 0);
}
