import type { Heartbeat, HeartbeatAnswer, ReceivedHeartbeat, SessionReport } from '../../contract/hooks/srs';
import type { ClockFault } from '../../contract/media-report';
import type { SessionRef } from '../../contract/objects/layout';
import { EndReason, type Node } from '../../contract/state';
import { isOverBitrate } from '../../core/publish/cutoff';
import { decideHeartbeat } from '../../core/publish/heartbeat';
import { endSession } from '../../core/publish/publish';
import { judgeReports, type LeftOut } from '../../core/publish/session-reports';
import type { Clock, Log, StreamChange, StreamStore } from '../../ports/stores';
import { within } from '../deadline';
import { inParallel } from '../in-parallel';
import { noteRenditions, withOtherRenditions } from './note-renditions';
import { commandKick } from './notify-node';

export interface HeartbeatDeps {
  streamStore: StreamStore;
  clock: Clock;
  log: Log;
}

/** Sessions of one node that are looked at or ended side by side. */
const PARALLEL_SESSIONS = 16;
/** The node waits for its commands, so a stream whose document is contended must not delay those of other streams. */
const ENDING_LIMIT_MS = 1500;

/**
 * Takes a heartbeat as it was received. Its sessions are judged one by one, and `notice` is called for each invalid
 * one.
 */
export function takeReceived(
  { sessions: reports, ...node }: ReceivedHeartbeat,
  deps: HeartbeatDeps,
  notice: (nodeId: string, leftOut: LeftOut) => void,
): Promise<HeartbeatAnswer> {
  const { sessions, leftOut } = judgeReports(reports);
  for (const each of leftOut) notice(node.nodeId, each);
  return takeHeartbeat({ ...node, sessions }, deps);
}

/**
 * The node as it says it is, and what it is to do. Sessions it is to end now because of a cutoff, or of their bitrate,
 * have ended, each by itself: one that cannot be ended now is tried again at the next heartbeat, or by the reconciler.
 */
export async function takeHeartbeat(heartbeat: Heartbeat, deps: HeartbeatDeps): Promise<HeartbeatAnswer> {
  const { before, commands, due } = await deps.streamStore.changeNode(heartbeat.nodeId, (current) => {
    const decision = decideHeartbeat(current, heartbeat, deps.clock.now());
    const due = decision.node.kicks.filter((kick) => kick.due !== undefined && kick.due <= deps.clock.now());
    return { node: decision.node, result: { before: current, commands: decision.commands, due } };
  });
  await inParallel(due, PARALLEL_SESSIONS, ({ reason, ...session }) =>
    byItself(session, () => endForGood(session, EndReason.parse(reason), deps), deps),
  );
  await inParallel(withHigherPeak(heartbeat, before), PARALLEL_SESSIONS, (session) =>
    byItself(session, () => endOverBitrate(heartbeat.nodeId, session, deps), deps),
  );
  await inParallel(withNews(heartbeat, before), PARALLEL_SESSIONS, (session) =>
    byItself(session, () => noteClock(session, deps), deps),
  );
  await inParallel(withOtherRenditions(heartbeat, before), PARALLEL_SESSIONS, (session) =>
    byItself(session, () => noteRenditions(session, deps), deps),
  );
  return { commands };
}

/** `work` for one session; that it fails or hangs is logged, and concerns no other. */
async function byItself(session: SessionRef, work: () => Promise<void>, { clock, log }: HeartbeatDeps): Promise<void> {
  try {
    await within({ clock, limitMs: ENDING_LIMIT_MS, what: 'the stream' }, work());
  } catch (error) {
    log.warn('session_not_judged', { ...refOf(session), error });
  }
}

/** Only a peak that has grown is looked at: each of these is a read. */
function withHigherPeak({ sessions }: Heartbeat, before: Node | undefined): SessionReport[] {
  const known = new Map(before?.sessions.map((each) => [keyOf(each), each.peakBitrateBps ?? 0]));
  return sessions.filter(
    (session) => session.publishing && (session.peakBitrateBps ?? 0) > (known.get(keyOf(session)) ?? 0),
  );
}

async function endOverBitrate(nodeId: string, session: SessionReport, deps: HeartbeatDeps): Promise<void> {
  const { peakBitrateBps = 0 } = session;
  const stream = await deps.streamStore.getStream(session.streamId);
  if (stream === undefined || !isOverBitrate(stream, peakBitrateBps)) return;
  await endForGood(session, 'bitrate_cap', deps);
  await commandKick({ nodeId, ...refOf(session) }, 'bitrate_cap', deps);
  deps.log.warn('bitrate_over_cap', { nodeId, ...refOf(session), peakBitrateBps, maxBitrateBps: stream.maxBitrateBps });
}

/** Those whose clocks are newly wrong, and those the node has cut for it: each of these is a write. */
function withNews({ sessions }: Heartbeat, before: Node | undefined): SessionReport[] {
  const known = new Map(before?.sessions.map((each) => [keyOf(each), each]));
  return sessions.filter((session) => {
    const was = known.get(keyOf(session));
    const { media, cut } = session;
    return (
      (media?.clock !== undefined && media.clock !== was?.media?.clock) || (cut !== undefined && was?.cut === undefined)
    );
  });
}

async function noteClock({ media, cut, ...session }: SessionReport, deps: HeartbeatDeps): Promise<void> {
  const code = media?.clock;
  if (code !== undefined) await warn(session, code, deps);
  if (cut !== undefined) await cutFor(session, cut, deps);
}

/** SRS's word that the publisher left may have been quicker than the node's why. */
async function cutFor(
  session: SessionRef,
  endReason: EndReason,
  { streamStore, clock, log }: HeartbeatDeps,
): Promise<void> {
  const cut = await streamStore.changeStream<boolean>(session.streamId, (stream) => {
    const current = stream?.session;
    const isOver = current?.endedAt !== undefined && current.endReason !== 'unpublished';
    if (stream === undefined || current?.id !== session.sessionId || isOver) return { result: false };
    const over = { ...endSession(current, endReason, clock.now()), endReason };
    return { change: { stream: { ...stream, session: over }, sessions: [over] }, result: true };
  });
  if (cut) log.info('session_cut', { ...refOf(session), reason: endReason });
}

async function warn(session: SessionRef, code: ClockFault, { streamStore, clock, log }: HeartbeatDeps): Promise<void> {
  const warned = await streamStore.changeStream<boolean>(session.streamId, (stream) => {
    const current = stream?.session;
    if (stream === undefined || current?.id !== session.sessionId || current.warned?.code === code)
      return { result: false };
    const next = { ...current, warned: { code, at: clock.now() } };
    return { change: { stream: { ...stream, session: next }, sessions: [next] }, result: true };
  });
  if (warned) log.warn('publisher_warned', { ...refOf(session), code });
}

async function endForGood(
  session: SessionRef,
  reason: EndReason,
  { streamStore, clock, log }: HeartbeatDeps,
): Promise<void> {
  const ended = await streamStore.changeStream<boolean>(session.streamId, (stream) => {
    if (stream?.session?.id !== session.sessionId || stream.session.endedAt !== undefined) return { result: false };
    const over = endSession(stream.session, reason, clock.now());
    const change: StreamChange = { stream: { ...stream, session: over }, sessions: [over] };
    return { change, result: true };
  });
  if (ended) log.info('session_cut', { ...refOf(session), reason });
}

const refOf = ({ streamId, sessionId }: SessionRef): SessionRef => ({ streamId, sessionId });
const keyOf = ({ streamId, sessionId }: SessionRef): string => `${streamId}/${sessionId}`;
