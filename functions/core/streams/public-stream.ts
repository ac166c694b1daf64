import type { PublicStream } from '../../contract/api/public-stream';
import type { Node, Stream } from '../../contract/state';
import { lastAliveAt, statusOf } from '../publish/liveness';

/**
 * The stream as anybody may see it at `nowMs`; `node` is that of its newest session. A gated one keeps its title to
 * itself.
 */
export function publicStream(stream: Stream, node: Node | undefined, nowMs: number): PublicStream {
  const { id, title, policy, latency, chat, suspended, session, reconnectWindowSeconds } = stream;
  const state: PublicStream['state'] = suspended === undefined ? statusOf(stream, node, nowMs) : 'suspended';
  const seen = {
    id,
    policy,
    state,
    ...(policy === 'open' && { title }),
    ...(latency === 'low' && { latency }),
    ...(chat?.enabled === true && { chat: true as const }),
  };
  if (state !== 'reconnecting' || session === undefined) return seen;
  const until = lastAliveAt(session, node) + reconnectWindowSeconds * 1000;
  return { ...seen, reconnectUntil: new Date(until).toISOString() };
}
