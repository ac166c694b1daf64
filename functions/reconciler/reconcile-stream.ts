import { finishBroadcast, mergeSession } from '../app/delivery/finish-broadcast';
import { noteChangeOver } from '../app/delivery/hot-backup/note-change-over';
import { finishTakenDown, type MediaWorkDeps } from '../app/delivery/media-work';
import { isTakenDown } from '../app/delivery/taken-down';
import { commandKick } from '../app/publish/notify-node';
import type { BroadcastId } from '../contract/ids';
import type { Node, Session, Stream } from '../contract/state';
import type { PublishingMode } from '../core/publish/admission';
import { reconcileBackup } from '../core/publish/hot-backup';
import { wasToldToEnd } from '../core/publish/liveness';
import { awaitsUploads, decideClosed, reconcileSession } from '../core/publish/reconcile';
import type { EventBus } from '../ports/stores';

export interface ReconcileStreamDeps extends MediaWorkDeps {
  /** Returns who may publish, by the budget guard; at `none` it ends everybody. @default everybody */
  publishingMode?: () => Promise<PublishingMode>;
  /** The bus for lost nodes, and for events that got stuck. @default none */
  bus?: EventBus;
}

/** Counts of what a pass did. `waiting`: broadcasts whose nodes still upload. */
export interface Counts {
  changed: number;
  merged: number;
  finished: number;
  waiting: number;
}

/** An event is retried for minutes; what a session said before that is in the live playlist. */
const MERGE_WINDOW_MS = 600_000;

/** A stream as the list of those that are not finished has it. */
type ListedStream = Pick<Stream, 'id' | 'policy' | 'backup'>;

/**
 * One step for one stream: its session as the heartbeats have it, lost events merged, broadcasts that are over
 * finished.
 */
export async function reconcileStream(
  listed: ListedStream,
  nodes: readonly Node[],
  deps: ReconcileStreamDeps,
): Promise<Counts> {
  const { id } = listed;
  const counts = { changed: 0, merged: 0, finished: 0, waiting: 0 };
  await settleBackup(listed, nodes, deps);
  const { stream, changed } = await settleSession(id, nodes, deps);
  if (stream === undefined) return counts;
  counts.changed = changed ? 1 : 0;
  const sessions = await deps.streamStore.listSessions(id);
  for (const { id: broadcastId, state, recording = stream.recording } of stream.unfinished) {
    const theirs = sessions.filter((session) => session.broadcastId === broadcastId);
    if (state === 'open') counts.merged += await mergeRecent(theirs, deps);
    else if (awaitsUploads(theirs, nodes, deps.clock.now())) counts.waiting += 1;
    else counts.finished += await finish({ ...stream, recording }, { broadcastId, sessions: theirs }, deps);
  }
  return counts;
}

/**
 * A backup that is gone or has to end, and one that viewers have already. Streams without one, as they were listed,
 * cost nothing.
 */
async function settleBackup(listed: ListedStream, nodes: readonly Node[], deps: ReconcileStreamDeps): Promise<void> {
  const { id: streamId, backup } = listed;
  const { streamStore, clock, log } = deps;
  if (backup === undefined) return;
  const ended = await streamStore.changeStream<Session | undefined>(streamId, (stream) => {
    const change = stream && reconcileBackup(stream, nodes, clock.now());
    return change === undefined ? { result: undefined } : { change, result: change.sessions[0] };
  });
  if (ended === undefined) return noteChangeOver(listed, deps);
  const { id: sessionId, nodeId, endReason = '' } = ended;
  log.info('backup_ended', { streamId, sessionId, endReason });
  if (wasToldToEnd(ended)) await commandKick({ nodeId, streamId, sessionId }, endReason, deps);
}

async function settleSession(
  id: Stream['id'],
  nodes: readonly Node[],
  deps: ReconcileStreamDeps,
): Promise<{ stream: Stream | undefined; changed: boolean }> {
  const { streamStore, clock, log, publishingMode } = deps;
  const stopAll = (await publishingMode?.()) === 'none';
  const settled = await streamStore.changeStream(id, (stream) => {
    const node = nodes.find((each) => each.id === stream?.session?.nodeId);
    const change = stream && reconcileSession(stream, node, clock.now(), { stopAll });
    const result = { stream: change?.stream ?? stream, changed: change !== undefined };
    return change === undefined ? { result } : { change, result };
  });
  const session = settled.stream?.session;
  if (settled.changed && session !== undefined && wasToldToEnd(session)) {
    const { nodeId, streamId, id: sessionId, endReason = '' } = session;
    await commandKick({ nodeId, streamId, sessionId }, endReason, deps);
  }
  if (settled.changed)
    log.info('stream_reconciled', { streamId: id, sessionId: session?.id, endReason: session?.endReason });
  return settled;
}

async function mergeRecent(sessions: readonly Session[], deps: ReconcileStreamDeps): Promise<number> {
  const since = deps.clock.now() - MERGE_WINDOW_MS;
  const recent = sessions.filter(({ endedAt }) => endedAt === undefined || endedAt >= since);
  for (const { streamId, id } of recent) await mergeSession(deps, { streamId, sessionId: id });
  return recent.length;
}

async function finish(
  stream: Stream,
  broadcast: { broadcastId: BroadcastId; sessions: readonly Session[] },
  deps: ReconcileStreamDeps,
): Promise<number> {
  const { broadcastId } = broadcast;
  const ref = { policy: stream.policy, streamId: stream.id, broadcastId };
  const isDown = stream.suspended !== undefined || (await isTakenDown(deps, ref));
  if (isDown) await finishTakenDown(stream, broadcastId, deps);
  else await finishBroadcast(deps, { stream, ...broadcast });
  await deps.streamStore.changeStream(stream.id, (current) => {
    const change = decideClosed(current, broadcastId, deps.clock.now());
    return change === undefined ? { result: undefined } : { change, result: undefined };
  });
  deps.log.info('broadcast_finished', { streamId: stream.id, broadcastId, sessions: broadcast.sessions.length });
  return 1;
}
