import type { Heartbeat, NodeCommand } from '../../contract/hooks/srs';
import type { Node } from '../../contract/state';
import type { Cutoff } from './cutoff';
import { playsToEnd } from './end-plays';
import { HEARTBEAT_GRACE_MS } from './liveness';
import type { Kick } from './publish';
import { keptTokens } from './push-token';

/**
 * The node as its heartbeat says, and what it is to be told. Kicks are repeated until a heartbeat no longer names the
 * session as publishing; a young kick stays anyway, because the node may name the session only in its next one. One
 * that is due later waits. A node that was marked as draining, and does not do so yet, is told to; a new start of SRS
 * begins afresh.
 */
export function decideHeartbeat(
  node: Node | undefined,
  heartbeat: Heartbeat,
  nowMs: number,
): { node: Node; commands: NodeCommand[] } {
  const { nodeId, ...said } = heartbeat;
  const kicks = (node?.kicks ?? []).filter(
    (kick) =>
      nowMs - kick.at <= HEARTBEAT_GRACE_MS || heartbeat.sessions.some((each) => each.publishing && isOf(kick, each)),
  );
  const endPlays = playsToEnd(node, nowMs);
  const pushTokens = keptTokens(node, nowMs);
  const sameRun = node?.serviceId === heartbeat.serviceId ? node : undefined;
  const toDrain = sameRun?.draining === true && !heartbeat.draining;
  return {
    node: {
      ...said,
      id: nodeId,
      draining: heartbeat.draining || toDrain,
      ...(heartbeat.draining && { drainingSince: sameRun?.drainingSince ?? nowMs }),
      ...(isIdle(heartbeat) && { idleSince: sameRun?.idleSince ?? nowMs }),
      ...(sameRun?.removedAt !== undefined && { removedAt: sameRun.removedAt }),
      heartbeatAt: Math.max(nowMs, node?.heartbeatAt ?? 0),
      kicks,
      ...(endPlays.length > 0 && { endPlays }),
      ...(pushTokens.length > 0 && { pushTokens }),
    },
    commands: [
      ...kicks
        .filter(({ due = 0 }) => due <= nowMs)
        .map(({ streamId, sessionId, reason }) => ({ kind: 'kick' as const, streamId, sessionId, reason })),
      ...endPlays.map(({ at: _, ...order }) => ({ kind: 'end_plays' as const, ...order })),
      ...(toDrain ? [{ kind: 'drain' as const }] : []),
    ],
  };
}

/** The node as one that is to be told to drain. */
export const commandDrain = (node: Node): Node => ({ ...node, draining: true });

/** The node has no publisher and no player, and everything is uploaded. */
const isIdle = ({ sessions, spoolBytes }: Heartbeat): boolean => sessions.length === 0 && spoolBytes === 0;

const isOf = (
  kick: { streamId: string; sessionId: string },
  session: { streamId: string; sessionId: string },
): boolean => kick.streamId === session.streamId && kick.sessionId === session.sessionId;

/** The node with one more kick to hand over; `undefined` when there is no such node, or it is to be told already. */
export function addKick(
  node: Node | undefined,
  kick: Kick,
  { reason, at }: { reason: string; at: number },
): Node | undefined {
  if (node === undefined || node.kicks.some((each) => isOf(each, kick) && each.due === undefined)) return undefined;
  return withKick(node, kick, { reason, at });
}

/**
 * Sets the time at which the node ends this session, or removes it without a `cutoff`. Returns the changed node;
 * `undefined` when there is no such node, when nothing changes, or when the node ends the session anyway.
 */
export function planCutoff(
  node: Node | undefined,
  session: Kick,
  { cutoff, at }: { cutoff?: Cutoff; at: number },
): Node | undefined {
  const known = node?.kicks.find((each) => isOf(each, session));
  if (node === undefined || (known && known.due === undefined) || known?.due === cutoff?.at) return undefined;
  return withKick(node, session, cutoff && { reason: cutoff.reason, at, due: cutoff.at });
}

function withKick(
  node: Node,
  { streamId, sessionId }: Kick,
  kick?: Pick<Node['kicks'][number], 'reason' | 'at' | 'due'>,
): Node {
  const others = node.kicks.filter((each) => !isOf(each, { streamId, sessionId }));
  return { ...node, kicks: kick === undefined ? others : [...others, { streamId, sessionId, ...kick }] };
}
