import type { Heartbeat, NodeCommand } from '../../contract/srs-hooks';
import type { Node } from '../../contract/state';
import { HEARTBEAT_GRACE_MS } from './liveness';
import type { Kick } from './publish';

/**
 * The node as its heartbeat says, and what it is to be told. Kicks are repeated until a heartbeat no longer names the session as
 * publishing; a young kick stays anyway, because the node may name the session only in its next one. A node that was marked as
 * draining, and does not do so yet, is told to; a new start of SRS begins afresh.
 */
export function decideHeartbeat(
  node: Node | undefined,
  heartbeat: Heartbeat,
  nowMs: number,
): { node: Node; commands: NodeCommand[] } {
  const { nodeId, ...said } = heartbeat;
  const kicks = (node?.kicks ?? []).filter(
    (kick) => nowMs - kick.at <= HEARTBEAT_GRACE_MS || heartbeat.sessions.some((each) => each.publishing && isOf(kick, each)),
  );
  const toDrain = node?.draining === true && node.serviceId === heartbeat.serviceId && !heartbeat.draining;
  return {
    node: {
      ...said,
      id: nodeId,
      draining: heartbeat.draining || toDrain,
      heartbeatAt: Math.max(nowMs, node?.heartbeatAt ?? 0),
      kicks,
    },
    commands: [
      ...kicks.map(({ streamId, sessionId, reason }) => ({ kind: 'kick' as const, streamId, sessionId, reason })),
      ...(toDrain ? [{ kind: 'drain' as const }] : []),
    ],
  };
}

const isOf = (kick: { streamId: string; sessionId: string }, session: { streamId: string; sessionId: string }): boolean =>
  kick.streamId === session.streamId && kick.sessionId === session.sessionId;

/** The node with one more kick to hand over; `undefined` when there is no such node, or it is to be told already. */
export function addKick(node: Node | undefined, kick: Kick, { reason, at }: { reason: string; at: number }): Node | undefined {
  if (node === undefined || node.kicks.some((each) => isOf(each, kick))) return undefined;
  return { ...node, kicks: [...node.kicks, { streamId: kick.streamId, sessionId: kick.sessionId, reason, at }] };
}
