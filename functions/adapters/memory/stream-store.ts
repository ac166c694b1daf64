import { Broadcast, Node, Session, Stream } from '../../contract/state';
import type { StreamChange, StreamStore } from '../../ports/stores';
import { readable } from '../readable';

interface StreamRecord {
  stream?: Stream;
  sessions: Map<string, Session>;
  broadcasts: Map<string, Broadcast>;
}

/**
 * A `StreamStore` of this process: documents go in and come out as copies, and a transaction runs once because nothing
 * can interrupt it.
 */
export function memoryStreamStore(): StreamStore {
  const records = new Map<string, StreamRecord>();
  const nodes = new Map<string, Node>();
  const streams = () => structuredClone([...records.values()].flatMap(({ stream }) => stream ?? []));

  return {
    async createStream(stream) {
      if (records.get(stream.id)?.stream) return false;
      apply(records, stream.id, { stream });
      return true;
    },
    getStream: async (id) => structuredClone(records.get(id)?.stream),
    async listStreams({ limit, after, owner }) {
      const wanted = streams().filter((stream) => owner === undefined || stream.owner === owner);
      const newestFirst = wanted.sort(byNewest);
      return newestFirst.filter((stream) => !after || byNewest(after, stream) < 0).slice(0, limit);
    },
    countStreams: async (owner) => streams().filter((stream) => stream.owner === owner).length,
    listUnfinishedStreams: async () =>
      listed(
        streams().filter(({ unfinished }) => unfinished.length > 0),
        byId,
      ),
    listStreamsWithPendingEvents: async () =>
      listed(
        streams().filter(({ pendingEvents = [] }) => pendingEvents.length > 0),
        byId,
      ),
    listStreamsWithMediaWork: async () =>
      listed(
        streams().filter(({ mediaWork }) => mediaWork !== undefined),
        byId,
      ),
    listStreamsWithExpired: async (nowMs) =>
      listed(
        streams().filter(
          ({ expiring = [], recordingsExpireAt: look }) =>
            expiring.some(({ at }) => at <= nowMs) || (look !== undefined && look <= nowMs),
        ),
        byId,
      ),
    async deleteStream(id) {
      const existed = records.get(id)?.stream !== undefined;
      records.delete(id);
      return existed;
    },
    async changeStream(id, decide) {
      const { change, result } = decide(structuredClone(records.get(id)?.stream));
      if (change) apply(records, id, change);
      return result;
    },
    listSessions: async (id) => listed(records.get(id)?.sessions.values(), byOrdinal),
    pageSessions: async (id, { limit, before = Number.POSITIVE_INFINITY }) =>
      listed(records.get(id)?.sessions.values(), byOrdinal)
        .filter(({ ordinal }) => ordinal < before)
        .reverse()
        .slice(0, limit),
    getSession: async (id, sessionId) => structuredClone(records.get(id)?.sessions.get(sessionId)),
    listBroadcasts: async (id) => listed(records.get(id)?.broadcasts.values(), byStart),
    pageBroadcasts: async (id, { limit, after }) =>
      listed(records.get(id)?.broadcasts.values(), byStart)
        .filter((broadcast) => after === undefined || byStart(broadcast, after) < 0)
        .reverse()
        .slice(0, limit),
    getBroadcast: async (id, broadcastId) => structuredClone(records.get(id)?.broadcasts.get(broadcastId)),
    getNode: async (id) => structuredClone(nodes.get(id)),
    listNodes: async () => listed(nodes.values(), byId),
    async changeNode(id, decide) {
      const { node, remove, result } = decide(structuredClone(nodes.get(id)));
      if (node) nodes.set(id, structuredClone(readable(Node, node, `nodes/${id}`)));
      if (remove) nodes.delete(id);
      return result;
    },
  };
}

function apply(records: Map<string, StreamRecord>, id: string, change: StreamChange): void {
  const record: StreamRecord = records.get(id) ?? { sessions: new Map(), broadcasts: new Map() };
  const { stream, sessions = [], broadcasts = [], removed } = structuredClone(change);
  if (stream) readable(Stream, stream, `streams/${id}`);
  for (const session of sessions) readable(Session, session, `sessions/${session.id}`);
  for (const broadcast of broadcasts) readable(Broadcast, broadcast, `broadcasts/${broadcast.id}`);
  records.set(id, record);
  if (stream) record.stream = stream;
  for (const session of sessions) record.sessions.set(session.id, session);
  for (const broadcast of broadcasts) record.broadcasts.set(broadcast.id, broadcast);
  for (const sessionId of removed?.sessions ?? []) record.sessions.delete(sessionId);
  for (const broadcastId of removed?.broadcasts ?? []) record.broadcasts.delete(broadcastId);
}

const listed = <T>(items: Iterable<T> | undefined, order: (a: T, b: T) => number): T[] =>
  structuredClone([...(items ?? [])]).sort(order);
const byId = (a: { id: string }, b: { id: string }): number => (a.id < b.id ? -1 : Number(a.id > b.id));
type Listed = Pick<Stream, 'id' | 'createdAt'>;
const byNewest = (a: Listed, b: Listed): number => b.createdAt - a.createdAt || byId(b, a);
const byOrdinal = (a: Session, b: Session): number => a.ordinal - b.ordinal || byId(a, b);
type BroadcastPosition = Pick<Broadcast, 'id' | 'startedAt'>;
const byStart = (a: BroadcastPosition, b: BroadcastPosition): number => a.startedAt - b.startedAt || byId(a, b);
