import type { HookAccepted, OnPublish } from '../../contract/hooks/srs';
import type { StreamId } from '../../contract/ids';
import type { HookRefusal } from '../../core/publish/hook-name';
import { spendPushToken } from '../../core/publish/push-token';
import type { Clock, Log, StreamStore } from '../../ports/stores';

const REFUSED: HookRefusal = {
  error: 'push_refused',
  message: 'the push token is unknown, spent, expired, or for another stream or edge',
};

/** Admits an origin's push to an edge: its token is spent by it, once. No session of the stream begins. */
export async function admitPush(
  hook: OnPublish,
  { streamId, token }: { streamId: StreamId; token: string },
  { streamStore, clock, log }: { streamStore: StreamStore; clock: Pick<Clock, 'now'>; log: Log },
): Promise<HookAccepted | HookRefusal> {
  const { server_id: edgeId, service_id: serviceId, client_id: clientId } = hook;
  const sessionId = await streamStore.changeNode<string | undefined>(edgeId, (edge) => {
    const spent = spendPushToken(edge, { token, streamId, serviceId, clientId }, clock.now());
    return spent === undefined ? { result: undefined } : { node: spent.node, result: spent.sessionId };
  });
  if (sessionId === undefined) return REFUSED;
  const stream = await streamStore.getStream(streamId);
  if (stream === undefined) return { error: 'unknown_stream', message: 'there is no such stream' };
  if (stream.suspended !== undefined) return { error: 'suspended', message: 'the stream is suspended' };
  if (stream.session?.id !== sessionId)
    return { error: 'superseded', message: 'another session of the stream has begun' };
  log.info('push_admitted', { streamId, sessionId, edgeId, clientId });
  return { code: 0, push: { sessionId, policy: stream.policy } };
}
