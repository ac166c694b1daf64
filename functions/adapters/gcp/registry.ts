import { FieldPath, type Firestore, type Query } from '@google-cloud/firestore';
import type { z } from 'zod';
import { Broadcast, Node, Session, Stream } from '../../contract/state';
import type { Registry } from '../../core/ports';
import { ALREADY_EXISTS, type FirestoreCalls, firestoreCalls } from './firestore-calls';
import { deleteStream } from './registry-deletion';
import { parse, parseIfThere, RegistryDocuments, streamDocument } from './registry-documents';
import { failureCode } from './retry';

/**
 * `Registry` in Firestore, laid out as `functions/contract/state.ts` says. Every query is served by an automatic single-field
 * index: a page of streams is ordered by one field and by the document's name in the same direction.
 *
 * Rejects with DomainError `unavailable` when Firestore does not answer within seconds.
 */
export function firestoreRegistry(firestore: Firestore, options: { deadlineMs?: number } = {}): Registry {
  const calls = firestoreCalls(firestore, options.deadlineMs);
  const documents = new RegistryDocuments(firestore);
  return {
    createStream: (stream) => createStream(calls, documents, stream),
    deleteStream: (id) => deleteStream(calls, documents, id),
    ...reads(calls, documents),
    ...changes(calls, documents),
  };
}

type Reads = Omit<Registry, 'createStream' | 'deleteStream' | 'changeStream' | 'changeNode'>;

function reads({ read }: FirestoreCalls, documents: RegistryDocuments): Reads {
  const list = <T>(schema: z.ZodType<T>, query: Query): Promise<T[]> =>
    read(async () => (await query.get()).docs.map((document) => parse(schema, document)));
  return {
    getStream: (id) => read(async () => parseIfThere(Stream, await documents.stream(id).get())),
    listStreams({ limit, after }) {
      const newestFirst = documents.streams().orderBy('createdAt', 'desc').orderBy(FieldPath.documentId(), 'desc');
      return list(Stream, (after ? newestFirst.startAfter(after.createdAt, after.id) : newestFirst).limit(limit));
    },
    listUnfinishedStreams: () => list(Stream, documents.streams().where('hasUnfinished', '==', true)),
    listSessions: (id) => list(Session, documents.sessions(id).orderBy('ordinal')),
    listBroadcasts: (id) => list(Broadcast, documents.broadcasts(id).orderBy('startedAt')),
    getNode: (id) => read(async () => parseIfThere(Node, await documents.nodes().doc(id).get())),
    listNodes: () => list(Node, documents.nodes()),
  };
}

function changes({ transact }: FirestoreCalls, documents: RegistryDocuments): Pick<Registry, 'changeStream' | 'changeNode'> {
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
          const { node, result } = decide(parseIfThere(Node, found));
          if (node) transaction.set(found.ref, node);
          return result;
        },
      }),
  };
}

async function createStream({ transact }: FirestoreCalls, documents: RegistryDocuments, stream: Stream): Promise<boolean> {
  try {
    await transact({
      read: async () => undefined,
      decide: (transaction) => transaction.create(documents.stream(stream.id), streamDocument(stream)),
    });
    return true;
  } catch (error) {
    if (failureCode(error) === ALREADY_EXISTS) return false;
    throw error;
  }
}
