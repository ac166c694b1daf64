import type { SessionGrant } from '../../contract/hooks/srs';
import type { SessionId } from '../../contract/ids';
import type { SealedEncryption } from '../../contract/objects/encryption';
import type { Broadcast, EndReason, Session, Stream } from '../../contract/state';
import type { StreamChange } from '../../ports/stores';
import { defined } from '../defined';
import { encryptionOf } from '../encryption/settings';
import {
  keyGenerationOf,
  type PublishRequest,
  type Refused,
  refused,
  refuseNewcomer,
  refusePublisher,
} from './admission';
import { isSameClient, rememberClient, type SrsClient } from './client';
import { type Cutoff, cutoffOf } from './cutoff';
import { endBackup, refuseThird, sessionOfClient, standsBy, withoutDead } from './hot-backup';
import { isBroadcastOpen } from './liveness';
import { broadcastToJoin, isDeadClient, isTakeover, recentTakeovers } from './newcomer';

/** Eight random characters for each id that may be needed. */
export interface FreshIds {
  session: string;
  broadcast: string;
  /** Makes the content secret of a new session, sealed; absent: no encrypted stream is admitted. */
  sealedSecret?: (() => string) | undefined;
}

/** A live session of another node that has to end: its node is to be told. */
export interface Kick {
  nodeId: string;
  streamId: string;
  sessionId: SessionId;
}

/**
 * `change` is absent when a doubled on_publish finds its session. `cutoff`: the node is to end the session then, if the
 * settings stay as they are.
 */
export interface Admitted {
  kind: 'admitted';
  change?: StreamChange;
  grant: SessionGrant;
  /** Absent: its segments are in the clear. */
  encryption?: SealedEncryption;
  kick?: Kick;
  cutoff?: Cutoff;
}
export type PublishDecision = Admitted | Refused;

/**
 * Returns whether a publisher may publish, and as what. The newest wins: a live session before it ends as `superseded`.
 * Idempotent by client. The session joins the open broadcast while the one before is live or ended within the reconnect
 * window; otherwise it begins a broadcast and the open one closes. With hot backup nobody takes over: the second
 * publisher, on another node, stands by.
 */
export function decidePublish(found: Stream | undefined, request: PublishRequest, ids: FreshIds): PublishDecision {
  if (found === undefined) return refused('unknown_stream', 'there is no such stream');
  const { stream, sessions } = withoutDead(found, request);
  return (
    refusePublisher(stream, request) ??
    resume(stream, request) ??
    refuseNewcomer(stream, request) ??
    refuseThird(stream, request) ??
    withSessions(admitNewcomer(stream, request, ids), sessions)
  );
}

/** A takeover ends the session that stood by as well: of those, viewers can only get newer ones. */
function admitNewcomer(stream: Stream, request: PublishRequest, ids: FreshIds): Admitted {
  if (standsBy(stream, request)) return admitBackup(stream, request, ids);
  const { stream: alone, sessions } = endBackup(stream, 'superseded', request.at);
  return withSessions(admit(alone, request, ids), sessions);
}

/** The decision, with sessions that end before it. */
const withSessions = (admitted: Admitted, ended: readonly Session[]): Admitted =>
  ended.length === 0
    ? admitted
    : { ...admitted, change: { ...admitted.change, sessions: [...ended, ...(admitted.change?.sessions ?? [])] } };

/**
 * The session this client has already: doubled on_publish, or one whose end was only supposed because nothing was
 * heard.
 */
function resume(stream: Stream, client: SrsClient): Admitted | undefined {
  const session = sessionOfClient(stream, client);
  if (session === undefined) return undefined;
  if (session.endedAt === undefined) return admitted(stream, session);
  const supposed = session.endReason === 'node_lost' || session.endReason === 'not_reported';
  if (!supposed || !isBroadcastOpen(stream, session)) return undefined;
  return { ...admitted(stream, session), change: revival(stream, session) };
}

function admitted(stream: Stream, session: Session): Admitted {
  const cutoff = cutoffOf(stream, session);
  const { encryption } = session;
  return { kind: 'admitted', grant: grantOf(stream, session), ...defined({ cutoff, encryption }) };
}

/** `session` as if it had never ended. */
export function revival(stream: Stream, { endedAt: _, endReason: __, ...session }: Session): StreamChange {
  return { stream: { ...stream, session }, sessions: [session] };
}

function admit(stream: Stream, request: PublishRequest, ids: FreshIds): Admitted {
  const { nodeId, at } = request;
  const before = stream.session;
  const ended = before && endSession(before, isDeadClient(before, request) ? 'node_lost' : 'superseded', at);
  const joined = broadcastToJoin(stream, at);
  const broadcastId = joined?.id ?? `b${stream.ordinal + 1}-${ids.broadcast}`;
  const session: Session = {
    ...newSession(stream, request, { broadcastId, ids }),
    ...(stream.hotBackup && !request.foreign && { role: 'primary' }),
  };
  const broadcasts = joined === undefined ? beginBroadcast(stream, { id: broadcastId, at }) : [];
  const takesOver = before !== undefined && isTakeover(before, request);
  const next: Stream = {
    ...stream,
    ordinal: session.ordinal,
    session,
    unfinished: mergeBroadcasts(stream.unfinished, broadcasts),
    takeovers: [...recentTakeovers(stream, at), ...(takesOver ? [at] : [])],
    ...(before === undefined
      ? {}
      : { earlierClients: rememberClient(stream, before).filter((each) => !isSameClient(each, session)) }),
  };
  const sessions = [...(ended === undefined || ended === before ? [] : [ended]), session];
  return {
    ...admitted(next, session),
    change: { stream: next, sessions, broadcasts },
    ...(takesOver && before.nodeId !== nodeId && !before.foreign
      ? { kick: { nodeId: before.nodeId, streamId: stream.id, sessionId: before.id } }
      : {}),
  };
}

/** The second publisher of a stream with hot backup: of the broadcast of the one that is on air. */
function admitBackup(stream: Stream, request: PublishRequest, ids: FreshIds): Admitted {
  const { id: backupOf, broadcastId } = stream.session ?? {};
  if (backupOf === undefined || broadcastId === undefined) throw new Error('there is no session to stand by for');
  const backup: Session = { ...newSession(stream, request, { broadcastId, ids }), role: 'backup', backupOf };
  const next: Stream = { ...stream, ordinal: backup.ordinal, backup };
  return { ...admitted(next, backup), change: { stream: next, sessions: [backup] } };
}

function newSession(
  stream: Stream,
  { nodeId, serviceId, clientId, at, keyHash = '', foreign = false }: PublishRequest,
  { broadcastId, ids }: { broadcastId: string; ids: FreshIds },
): Session {
  const keyGeneration = keyGenerationOf(stream, keyHash, at);
  const ordinal = stream.ordinal + 1;
  return {
    id: `${ordinal}-${ids.session}`,
    streamId: stream.id,
    broadcastId,
    ordinal,
    nodeId,
    serviceId,
    clientId,
    startedAt: at,
    ...(keyGeneration ? { keyGeneration } : {}),
    ...(foreign ? { foreign } : encryptionFor(stream, ids)),
  };
}

/**
 * The encryption of a new session. Nothing of an encrypted stream is ever delivered in the clear for want of a secret.
 */
function encryptionFor(stream: Stream, { sealedSecret }: FreshIds): { encryption?: SealedEncryption } {
  const { encryption, keyRotationSegments } = encryptionOf(stream);
  if (encryption === 'none') return {};
  if (sealedSecret === undefined) throw new Error('there is no secret to seal content secrets with');
  return { encryption: { method: encryption, keyRotationSegments, sealed: sealedSecret() } };
}

/**
 * The session, ended; as it is if it had ended before. Clocks of two instances differ: an end is never before its
 * start.
 */
export function endSession(session: Session, endReason: EndReason, at: number): Session {
  return session.endedAt === undefined ? { ...session, endedAt: Math.max(at, session.startedAt), endReason } : session;
}

/** The new broadcast, after those it closes. */
function beginBroadcast(stream: Stream, { id, at }: { id: string; at: number }): Broadcast[] {
  return [...closeOpen(stream), { id, streamId: stream.id, state: 'open', startedAt: at, recording: stream.recording }];
}

/** The open broadcasts of a stream (one at most), as `closing`. */
export const closeOpen = (stream: Stream): Broadcast[] =>
  stream.unfinished.filter(({ state }) => state === 'open').map((broadcast) => ({ ...broadcast, state: 'closing' }));

/** `unfinished` with `changed` in the places of their ids, new ones at the end. */
export function mergeBroadcasts(unfinished: readonly Broadcast[], changed: readonly Broadcast[]): Broadcast[] {
  const byId = new Map([...unfinished, ...changed].map((broadcast) => [broadcast.id, broadcast]));
  return [...byId.values()];
}

const grantOf = (stream: Stream, { id, ordinal, broadcastId, role, backupOf }: Session): SessionGrant => ({
  streamId: stream.id,
  sessionId: id,
  ordinal,
  broadcastId,
  policy: stream.policy,
  recording: stream.unfinished.find((broadcast) => broadcast.id === broadcastId)?.recording ?? stream.recording,
  dvrWindowSeconds: stream.dvrWindowSeconds,
  reconnectWindowSeconds: stream.reconnectWindowSeconds,
  ...(stream.packaging && { packaging: stream.packaging }),
  ...(stream.ladder && { ladder: stream.ladder }),
  ...(stream.latency === 'low' && { latency: stream.latency }),
  ...(stream.edges !== undefined && stream.edges !== 'none' && { edges: stream.edges }),
  ...defined({ role, backupOf }),
});
