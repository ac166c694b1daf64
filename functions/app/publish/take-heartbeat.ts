import type {
  Heartbeat,
  HeartbeatAnswer,
  NodeCommand,
  ReceivedHeartbeat,
  SessionReport,
} from '../../contract/hooks/srs';
import type { SessionRef } from '../../contract/objects/layout';
import { EndReason, type Node } from '../../contract/state';
import { isOverBitrate } from '../../core/publish/cutoff';
import { decideHeartbeat } from '../../core/publish/heartbeat';
import { warningsOf, withWarnings } from '../../core/publish/media-warnings';
import { endSession } from '../../core/publish/publish';
import { judgeReports, type LeftOut } from '../../core/publish/session-reports';
import type { Clock, Log, RandomId, StreamChange, StreamStore } from '../../ports/stores';
import { within } from '../deadline';
import { inParallel } from '../in-parallel';
import { commandPushes } from './command-pushes';
import { noteRenditions, withOtherRenditions } from './note-renditions';
import { commandKick } from './notify-node';

export interface HeartbeatDeps {
  streamStore: StreamStore;
  clock: Clock;
  log: Log;
  /** For push tokens. */
  randomId: RandomId;
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
  const { before, node, commands, due } = await deps.streamStore.changeNode(heartbeat.nodeId, (current) => {
    const decision = decideHeartbeat(current, heartbeat, deps.clock.now());
    const due = decision.node.kicks.filter((kick) => kick.due !== undefined && kick.due <= deps.clock.now());
    return { node: decision.node, result: { before: current, node: decision.node, commands: decision.commands, due } };
  });
  await inParallel(due, PARALLEL_SESSIONS, ({ reason, ...session }) =>
    byItself(session, () => endForGood(session, EndReason.parse(reason), deps), deps),
  );
  await inParallel(withHigherPeak(heartbeat, before), PARALLEL_SESSIONS, (session) =>
    byItself(session, () => endOverBitrate(heartbeat.nodeId, session, deps), deps),
  );
  await inParallel(withNews(heartbeat, before), PARALLEL_SESSIONS, (session) =>
    byItself(session, () => noteNews(session, deps), deps),
  );
  await inParallel(withOtherRenditions(heartbeat, before), PARALLEL_SESSIONS, (session) =>
    byItself(session, () => noteRenditions(session, deps), deps),
  );
  return { commands: [...commands, ...(await pushesOf(node, deps))] };
}

/** Edges are worth no heartbeat: when they cannot be decided, the next one decides. */
async function pushesOf(node: Node, deps: HeartbeatDeps): Promise<NodeCommand[]> {
  try {
    return await within({ clock: deps.clock, limitMs: ENDING_LIMIT_MS, what: 'the nodes' }, commandPushes(node, deps));
  } catch (error) {
    deps.log.warn('pushes_not_decided', { nodeId: node.id, error });
    return [];
  }
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

/** Those whose warnings may be others than before, and those the node has cut: each of these is a read, or a write. */
function withNews({ sessions }: Heartbeat, before: Node | undefined): SessionReport[] {
  const known = new Map(before?.sessions.map((each) => [keyOf(each), each]));
  return sessions.filter((session) => {
    const was = known.get(keyOf(session));
    const isNews = session.publishing && PARTS.some((part) => isOther(session[part], was, part));
    return isNews || (session.cut !== undefined && was?.cut === undefined);
  });
}

const PARTS = ['media', 'health'] as const;

/** An unknown part says nothing; one that was unknown may have been anything. */
function isOther(
  is: SessionReport['media'] | SessionReport['health'],
  was: SessionReport | undefined,
  part: (typeof PARTS)[number],
): boolean {
  if (is === undefined) return false;
  if (was !== undefined && was[part] === undefined) return true;
  return codesOf({ [part]: is }) !== codesOf({ [part]: was?.[part] });
}

const codesOf = (parts: Parameters<typeof warningsOf>[0]): string =>
  warningsOf(parts)
    .map(({ code }) => code)
    .join(' ');

async function noteNews(session: SessionReport, deps: HeartbeatDeps): Promise<void> {
  await warn(session, deps);
  if (session.cut !== undefined) await cutFor(session, session.cut, deps);
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

/** Notes the warnings that the publisher has now, if they are others than those that were told. */
async function warn(session: SessionReport, { streamStore, clock, log }: HeartbeatDeps): Promise<void> {
  const begun = await streamStore.changeStream<string[]>(session.streamId, (stream) => {
    const current = stream?.session;
    if (stream === undefined || current?.id !== session.sessionId) return { result: [] };
    const next = withWarnings(current, session, clock.now());
    if (next === current) return { result: [] };
    const known = current.warnings ?? [];
    const codes = (next.warnings ?? []).flatMap(({ code }) => (known.some((each) => each.code === code) ? [] : code));
    return { change: { stream: { ...stream, session: next }, sessions: [next] }, result: codes };
  });
  for (const code of begun) log.warn('publisher_warned', { ...refOf(session), code });
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
