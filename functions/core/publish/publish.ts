import type { RefusalCode, SessionGrant } from '../../contract/srs-hooks';
import type { Broadcast, Session, Stream } from '../../contract/state';
import type { SessionId } from '../../contract/words';
import type { StreamChange } from '../ports';
import { equalSecrets } from '../signing/hash';
import { type Client, isEarlierClient, isSameClient, rememberClient } from './client';
import { isBroadcastOpen, isWithinWindow } from './liveness';

/** More in `TAKEOVER_WINDOW_MS` means two encoders that fight: the one which is live stays. */
export const MAX_TAKEOVERS = 3;
export const TAKEOVER_WINDOW_MS = 60_000;

/** An on_publish. `keyHash`: SHA-256 of the key it showed, absent when it showed none; `at` in milliseconds. */
export interface PublishRequest extends Client {
  keyHash: string | undefined;
  at: number;
}

/** Eight random characters for each id that may be needed. */
export interface FreshIds {
  session: string;
  broadcast: string;
}

/** A live session of another node that has to end: its node is to be told. */
export interface Kick {
  nodeId: string;
  streamId: string;
  sessionId: SessionId;
}

/** `change` is absent when a doubled on_publish finds its session. A refusal's message is for operators and holds no secret. */
export type PublishDecision =
  | { kind: 'admitted'; change?: StreamChange; grant: SessionGrant; kick?: Kick }
  | { kind: 'refused'; error: RefusalCode; message: string };

/**
 * Whether a publisher may publish, and as what. The newest wins: a live session before it ends as `superseded`. Idempotent by
 * client. The session joins the open broadcast while the one before is live or ended within the reconnect window; otherwise it
 * begins a broadcast and the open one closes.
 */
export function decidePublish(stream: Stream | undefined, request: PublishRequest, ids: FreshIds): PublishDecision {
  if (stream === undefined) return refused('unknown_stream', 'there is no such stream');
  const refusal = refusalOf(stream, request);
  if (refusal !== undefined) return refusal;
  return resume(stream, request) ?? admit(stream, request, ids);
}

const refused = (error: RefusalCode, message: string) => ({ kind: 'refused', error, message }) as const;

function refusalOf(stream: Stream, { keyHash, at, ...client }: PublishRequest): PublishDecision | undefined {
  if (keyHash === undefined)
    return refused('wrong_key', "no well-formed stream key: the encoder's stream key is '<stream id>?key=<key>'");
  if (!equalSecrets(keyHash, stream.keyHash)) return refused('wrong_key', 'the stream key is not that of this stream');
  if (isEarlierClient(stream, client)) return refused('superseded', 'a newer publisher followed this one');
  const { session } = stream;
  const takesOver = session !== undefined && !isSameClient(session, client) && isTakeover(session, client);
  if (!takesOver || recentTakeovers(stream, at).length < MAX_TAKEOVERS) return undefined;
  return refused(
    'takeover_limit',
    `${MAX_TAKEOVERS} takeovers within a minute: two encoders fight for this stream, the live one stays`,
  );
}

/** The session this client has already: doubled on_publish, or one whose end was only supposed because nothing was heard. */
function resume(stream: Stream, client: Client): PublishDecision | undefined {
  const { session } = stream;
  if (session === undefined || !isSameClient(session, client)) return undefined;
  if (session.endedAt === undefined) return { kind: 'admitted', grant: grantOf(stream, session) };
  const supposed = session.endReason === 'node_lost' || session.endReason === 'not_reported';
  if (!supposed || !isBroadcastOpen(stream, session)) return undefined;
  return { kind: 'admitted', grant: grantOf(stream, session), change: revival(stream, session) };
}

/** `session` as if it had never ended. */
export function revival(stream: Stream, { endedAt: _, endReason: __, ...session }: Session): StreamChange {
  return { stream: { ...stream, session }, sessions: [session] };
}

function admit(stream: Stream, request: PublishRequest, ids: FreshIds): PublishDecision {
  const { nodeId, serviceId, clientId, at } = request;
  const before = stream.session;
  const ended = before && endSession(before, isDeadClient(before, request) ? 'node_lost' : 'superseded', at);
  const ordinal = stream.ordinal + 1;
  const joined = broadcastToJoin(stream, at);
  const broadcastId = joined?.id ?? `b${ordinal}-${ids.broadcast}`;
  const session: Session = {
    id: `${ordinal}-${ids.session}`,
    streamId: stream.id,
    broadcastId,
    ordinal,
    nodeId,
    serviceId,
    clientId,
    startedAt: at,
  };
  const broadcasts = joined === undefined ? beginBroadcast(stream, { id: broadcastId, at }) : [];
  const takesOver = before !== undefined && isTakeover(before, request);
  const next: Stream = {
    ...stream,
    ordinal,
    session,
    unfinished: mergeBroadcasts(stream.unfinished, broadcasts),
    takeovers: [...recentTakeovers(stream, at), ...(takesOver ? [at] : [])],
    ...(before === undefined
      ? {}
      : { earlierClients: rememberClient(stream, before).filter((each) => !isSameClient(each, session)) }),
  };
  const sessions = [...(ended === undefined || ended === before ? [] : [ended]), session];
  return {
    kind: 'admitted',
    change: { stream: next, sessions, broadcasts },
    grant: grantOf(next, session),
    ...(takesOver && before.nodeId !== nodeId
      ? { kick: { nodeId: before.nodeId, streamId: stream.id, sessionId: before.id } }
      : {}),
  };
}

/** A newcomer while the session before is not known to be over. */
const isTakeover = (before: Session, newcomer: Client): boolean =>
  before.endedAt === undefined && !isDeadClient(before, newcomer);

/** SRS has been started anew on the same node: nothing of before can still publish. */
const isDeadClient = (before: Client, newcomer: Client): boolean =>
  before.nodeId === newcomer.nodeId && before.serviceId !== newcomer.serviceId;

const recentTakeovers = (stream: Stream, at: number): number[] =>
  stream.takeovers.filter((each) => at - each < TAKEOVER_WINDOW_MS);

/** The session, ended; as it is if it had ended before. Clocks of two instances differ: an end is never before its start. */
export function endSession(session: Session, endReason: Session['endReason'] & string, at: number): Session {
  return session.endedAt === undefined ? { ...session, endedAt: Math.max(at, session.startedAt), endReason } : session;
}

function broadcastToJoin(stream: Stream, at: number): Broadcast | undefined {
  const { session } = stream;
  if (session === undefined || !isWithinWindow(stream, session.endedAt ?? at, at)) return undefined;
  return stream.unfinished.find(({ id, state }) => id === session.broadcastId && state === 'open');
}

/** The new broadcast, after those it closes. */
function beginBroadcast(stream: Stream, { id, at }: { id: string; at: number }): Broadcast[] {
  return [...closeOpen(stream), { id, streamId: stream.id, state: 'open', startedAt: at }];
}

/** The open broadcasts of a stream (one at most), as `closing`. */
export const closeOpen = (stream: Stream): Broadcast[] =>
  stream.unfinished.filter(({ state }) => state === 'open').map((broadcast) => ({ ...broadcast, state: 'closing' }));

/** `unfinished` with `changed` in the places of their ids, new ones at the end. */
export function mergeBroadcasts(unfinished: readonly Broadcast[], changed: readonly Broadcast[]): Broadcast[] {
  const byId = new Map([...unfinished, ...changed].map((broadcast) => [broadcast.id, broadcast]));
  return [...byId.values()];
}

const grantOf = (stream: Stream, { id, ordinal, broadcastId }: Session): SessionGrant => ({
  streamId: stream.id,
  sessionId: id,
  ordinal,
  broadcastId,
  policy: stream.policy,
  recording: stream.recording,
  liveWindowSeconds: stream.liveWindowSeconds,
  reconnectWindowSeconds: stream.reconnectWindowSeconds,
});
