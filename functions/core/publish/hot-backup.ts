import type { EndReason, Node, Session, Stream } from '../../contract/state';
import type { StreamChange } from '../../ports/stores';
import type { PublishRequest, Refused } from './admission';
import { refused } from './admission';
import { isSameClient, rememberClient, type SrsClient } from './client';
import { generationOf, overdueReason } from './cutoff';
import { isBroadcastOpen, isPublishing } from './liveness';
import { isDeadClient } from './newcomer';

/** Ends of a session that are ends of every publisher of its stream. */
const ENDS_OF_ALL = new Set<EndReason>(['deleted', 'stopped', 'suspended', 'key_expired', 'duration_cap', 'budget']);

/** Says whether an end with this reason is that of every publisher of the stream. */
export const endsAll = (reason: EndReason): boolean => ENDS_OF_ALL.has(reason);

/** Lists the sessions of a stream that publish, as far as its document tells: two at most. */
export const liveSessions = ({ session, backup }: Pick<Stream, 'session' | 'backup'>): Session[] =>
  [session, backup].filter((each) => each !== undefined).filter(({ endedAt }) => endedAt === undefined);

/** The session of this client, on air or standing by; `undefined` for another client. */
export const sessionOfClient = ({ session, backup }: Stream, client: SrsClient): Session | undefined =>
  [session, backup].find((each) => each !== undefined && isSameClient(each, client));

/**
 * Says whether a newcomer stands by: the stream has hot backup, and one session is live on another node. One that was
 * admitted before the setting is followed as ever.
 */
export function standsBy(stream: Stream, { nodeId, foreign = false }: PublishRequest): boolean {
  const { session, hotBackup } = stream;
  if (hotBackup !== true || foreign || session?.role === undefined || session.endedAt !== undefined) return false;
  return session.nodeId !== nodeId;
}

/**
 * Says why a broadcast with hot backup takes no further publisher: nobody takes over there, those that are live stay. A
 * node serves one publisher of a stream, and two are enough.
 */
export function refuseThird(stream: Stream, request: PublishRequest): Refused | undefined {
  if (stream.hotBackup !== true || request.foreign || stream.session?.role === undefined) return undefined;
  const live = liveSessions(stream);
  if (live.some((each) => each.nodeId === request.nodeId && !isDeadClient(each, request)))
    return refused('ingest_taken', 'hot backup: this node serves a publisher of the stream already');
  return live.length < 2 ? undefined : refused('ingest_taken', 'hot backup: both publishers of the stream are live');
}

/** A stream, and sessions that ended on the way to it. */
interface Settled {
  stream: Stream;
  sessions: readonly Session[];
}

/**
 * The stream without a session that the newcomer's restart of SRS has ended. The one that stood by takes the place of
 * one on air.
 */
export function withoutDead(stream: Stream, request: PublishRequest): Settled {
  const { session, backup } = stream;
  if (session === undefined || backup === undefined) return { stream, sessions: [] };
  if (isDeadClient(backup, request)) return endBackup(stream, 'node_lost', request.at);
  if (!isDeadClient(session, request) || session.endedAt !== undefined) return { stream, sessions: [] };
  const lost = { ...session, endedAt: Math.max(request.at, session.startedAt), endReason: 'node_lost' as const };
  return { stream: promoted(stream, lost, backup), sessions: [lost] };
}

/** The change that ends the session which stands by. */
export function endBackup(stream: Stream, endReason: EndReason, at: number): Settled {
  const { backup, ...rest } = stream;
  if (backup === undefined) return { stream, sessions: [] };
  const ended = { ...backup, endedAt: Math.max(at, backup.startedAt), endReason };
  return { stream: { ...rest, earlierClients: rememberClient(stream, backup) }, sessions: [ended] };
}

/**
 * The change with what it means for a backup. A session that ends by itself makes room for the one that stands by: it
 * is the stream's session then, and the broadcast goes on. One that ends for all publishers, or whose broadcast closes,
 * takes its backup with it.
 */
export function settleBackup(change: StreamChange | undefined, at: number): StreamChange | undefined {
  const stream = change?.stream;
  if (stream?.backup === undefined) return change;
  const { session, backup } = stream;
  if (!isBroadcastOpen(stream, backup) || takesAllWithIt(session, backup)) {
    const ended = endBackup(stream, session?.endReason ?? 'stopped', at);
    return { ...change, ...ended, sessions: [...(change?.sessions ?? []), ...ended.sessions] };
  }
  return session?.endedAt === undefined ? change : { ...change, stream: promoted(stream, session, backup) };
}

/** A newer key is that of a publisher who may go on. */
const takesAllWithIt = (session: Session | undefined, backup: Session): boolean =>
  session?.endReason !== undefined &&
  endsAll(session.endReason) &&
  !(session.endReason === 'key_expired' && generationOf(backup) > generationOf(session));

function promoted({ backup: _, ...stream }: Stream, before: Session, session: Session): Stream {
  return { ...stream, session, earlierClients: rememberClient(stream, before) };
}

/**
 * The change that ends a backup whose node no longer names it as publishing, or whose time is over (its key's, say);
 * `undefined` while it goes on.
 */
export function reconcileBackup(stream: Stream, nodes: readonly Node[], nowMs: number): Settled | undefined {
  const { backup } = stream;
  if (backup === undefined) return undefined;
  const node = nodes.find(({ id }) => id === backup.nodeId);
  if (!isPublishing(backup, node, nowMs)) return endBackup(stream, 'not_reported', nowMs);
  const endReason = overdueReason(stream, backup, { node, nowMs });
  return endReason && endBackup(stream, endReason, nowMs);
}

/**
 * The stream as it is for viewers at `nowMs`, before anything of it is durable: where the session on air is lost and
 * its backup publishes, the backup is the session.
 */
export function asSeen(stream: Stream, nodes: readonly Node[], nowMs: number): Stream {
  const { session, backup } = stream;
  if (session === undefined || backup === undefined) return stream;
  const isLive = (each: Session) =>
    isPublishing(
      each,
      nodes.find(({ id }) => id === each.nodeId),
      nowMs,
    );
  return !isLive(session) && isLive(backup) ? promoted(stream, session, backup) : stream;
}
