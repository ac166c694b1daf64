import type { Heartbeat, HeartbeatAnswer } from '../../contract/srs-hooks';
import { EndReason, type Node } from '../../contract/state';
import type { Clock, Log, Registry, StreamChange } from '../ports';
import { isOverBitrate } from './cutoff';
import { decideHeartbeat } from './heartbeat';
import { endSession } from './publish';
import { tellToKick } from './tell-node';

export interface HeartbeatDeps {
  registry: Registry;
  clock: Clock;
  log: Log;
}

type SessionRef = Pick<Heartbeat['sessions'][number], 'streamId' | 'sessionId'>;

/** The node as it says it is, and what it is to do. Sessions it is to end now because of a cutoff, or of their bitrate, have ended. */
export async function takeHeartbeat(heartbeat: Heartbeat, deps: HeartbeatDeps): Promise<HeartbeatAnswer> {
  const { before, commands, due } = await deps.registry.changeNode(heartbeat.nodeId, (current) => {
    const decision = decideHeartbeat(current, heartbeat, deps.clock.now());
    const due = decision.node.kicks.filter((kick) => kick.due !== undefined && kick.due <= deps.clock.now());
    return { node: decision.node, result: { before: current, commands: decision.commands, due } };
  });
  for (const { reason, ...session } of due) await endForGood(session, EndReason.parse(reason), deps);
  await endOverBitrate(heartbeat, before, deps);
  return { commands };
}

/** Only a peak that has grown is looked at: each of these is a read. */
async function endOverBitrate({ nodeId, sessions }: Heartbeat, before: Node | undefined, deps: HeartbeatDeps): Promise<void> {
  const known = new Map(before?.sessions.map((each) => [keyOf(each), each.peakBitrateBps ?? 0]));
  for (const session of sessions) {
    const { publishing, peakBitrateBps = 0 } = session;
    if (!publishing || peakBitrateBps <= (known.get(keyOf(session)) ?? 0)) continue;
    const stream = await deps.registry.getStream(session.streamId);
    if (stream === undefined || !isOverBitrate(stream, peakBitrateBps)) continue;
    await endForGood(session, 'bitrate_cap', deps);
    await tellToKick({ nodeId, ...refOf(session) }, 'bitrate_cap', deps);
    deps.log.warn('bitrate_over_cap', { nodeId, ...refOf(session), peakBitrateBps, maxBitrateBps: stream.maxBitrateBps });
  }
}

async function endForGood(session: SessionRef, reason: EndReason, { registry, clock, log }: HeartbeatDeps): Promise<void> {
  const ended = await registry.changeStream<boolean>(session.streamId, (stream) => {
    if (stream?.session?.id !== session.sessionId || stream.session.endedAt !== undefined) return { result: false };
    const over = endSession(stream.session, reason, clock.now());
    const change: StreamChange = { stream: { ...stream, session: over }, sessions: [over] };
    return { change, result: true };
  });
  if (ended) log.info('session_cut', { ...refOf(session), reason });
}

const refOf = ({ streamId, sessionId }: SessionRef): SessionRef => ({ streamId, sessionId });
const keyOf = ({ streamId, sessionId }: SessionRef): string => `${streamId}/${sessionId}`;
