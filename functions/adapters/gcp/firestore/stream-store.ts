import { type DocumentReference, FieldPath, type Firestore, type Query } from '@google-cloud/firestore';
import type { z } from 'zod';
import { Broadcast, Node, Session, Stream } from '../../../contract/state';
import type { StreamStore } from '../../../ports/stores';
import { readable } from '../../readable';
import { type FirestoreCalls, firestoreCalls } from './firestore-calls';
import { parseIfReadable, readAll, readPage } from './readable-documents';
import { deleteStream } from './stream-deletion';
import { parseIfThere, StreamDocuments, streamDocument } from './stream-documents';

/**
 * `StreamStore` in Firestore, laid out as `functions/contract/state.ts` says. Every query is served by an automatic
 * single-field index: a page of streams is ordered by one field and by the document's name in the same direction.
 *
 * Rejects with DomainError `unavailable` when Firestore does not answer within seconds.
 */
export function firestoreStreamStore(firestore: Firestore, options: { deadlineMs?: number } = {}): StreamStore {
  const calls = firestoreCalls(firestore, options.deadlineMs);
  const documents = new StreamDocuments(firestore);
  return {
    createStream: async (stream) =>
      (await calls.create(documents.stream(stream.id), streamDocument(stream))) !== undefined,
    deleteStream: (id) => deleteStream(calls, documents, id),
    ...reads(calls, documents),
    ...changes(calls, documents),
  };
}

type StreamChanges = Pick<StreamStore, 'changeStream' | 'changeNode'>;
type Reads = Omit<StreamStore, 'createStream' | 'deleteStream' | keyof StreamChanges>;

function reads({ read }: FirestoreCalls, documents: StreamDocuments): Reads {
  const list = <T>(schema: z.ZodType<T>, query: Query): Promise<T[]> => read(() => readAll(schema, query));
  const page = <T>(schema: z.ZodType<T>, query: Query, limit: number): Promise<T[]> =>
    read(() => readPage(schema, query, limit));
  const get = <T>(schema: z.ZodType<T>, document: DocumentReference): Promise<T | undefined> =>
    read(async () => parseIfThere(schema, await document.get()));
  return {
    getStream: (id) => get(Stream, documents.stream(id)),
    listStreams: ({ limit, after, owner }) => page(Stream, documents.newestStreams(after, owner), limit),
    countStreams: (owner) =>
      read(async () => (await documents.newestStreams(undefined, owner).count().get()).data().count),
    listUnfinishedStreams: () => list(Stream, documents.streams().where('hasUnfinished', '==', true)),
    listStreamsWithMediaWork: () => list(Stream, documents.streams().where('hasMediaWork', '==', true)),
    listStreamsWithPendingEvents: () => list(Stream, documents.streams().where('hasPendingEvents', '==', true)),
    listStreamsWithExpired: (nowMs) => list(Stream, documents.streams().where('expiresFirstAt', '<=', nowMs)),
    listSessions: (id) => list(Session, documents.sessions(id).orderBy('ordinal')),
    pageSessions(id, { limit, before }) {
      const newestFirst = documents.sessions(id).orderBy('ordinal', 'desc');
      return page(Session, before === undefined ? newestFirst : newestFirst.startAfter(before), limit);
    },
    getSession: (id, sessionId) => get(Session, documents.sessions(id).doc(sessionId)),
    listBroadcasts: (id) => list(Broadcast, documents.broadcasts(id).orderBy('startedAt')),
    pageBroadcasts(id, { limit, after }) {
      const newestFirst = documents.broadcasts(id).orderBy('startedAt', 'desc').orderBy(FieldPath.documentId(), 'desc');
      return page(Broadcast, after ? newestFirst.startAfter(after.startedAt, after.id) : newestFirst, limit);
    },
    getBroadcast: (id, broadcastId) => get(Broadcast, documents.broadcasts(id).doc(broadcastId)),
    getNode: (id) => get(Node, documents.nodes().doc(id)),
    listNodes: () => list(Node, documents.nodes()),
  };
}

function changes({ transact }: FirestoreCalls, documents: StreamDocuments): StreamChanges {
  return {
    changeStream: (id, decide) =>
      transact({
        read: (transaction) => transaction.get(documents.stream(id)),
        decide(transaction, found) {
          const { change, result } = decide(parseIfThere(Stream, found));
          if (change) documents.write(transaction, id, change);
          return result;
        },
      }),
    changeNode: (id, decide) =>
      transact({
        read: (transaction) => transaction.get(documents.nodes().doc(id)),
        decide(transaction, found) {
          // One that cannot be read is written again by the node's next heartbeat.
          const { node, remove, result } = decide(found.exists ? parseIfReadable(Node, found) : undefined);
          if (node) transaction.set(found.ref, readable(Node, node, found.ref.path));
          if (remove) transaction.delete(found.ref);
          return result;
        },
      }),
  };
}
