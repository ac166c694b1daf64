import {
  type DocumentData,
  FieldPath,
  type Firestore,
  type Query,
  type QuerySnapshot,
  type Transaction,
} from '@google-cloud/firestore';
import type { z } from 'zod';
import { Broadcast, Node, Session, Stream } from '../../contract/state';
import type { Registry, StreamChange } from '../../core/ports';
import { ALREADY_EXISTS, firestoreCalls } from './firestore-calls';
import { failureCode } from './retry';

/** Documents of a page of a deletion: far below what one commit takes. */
const DELETE_PAGE = 200;

/**
 * `Registry` in Firestore, laid out as `functions/contract/state.ts` says. Every query is served by an automatic single-field
 * index: `hasUnfinished` stands beside a stream for this, and a page of streams is ordered by one field and the document's name in
 * the same direction.
 *
 * Rejects with DomainError `unavailable` when Firestore does not answer within seconds.
 */
export function firestoreRegistry(firestore: Firestore, options: { deadlineMs?: number } = {}): Registry {
  const { read, transact } = firestoreCalls(firestore, options.deadlineMs);
  const streams = firestore.collection('streams');
  const nodes = firestore.collection('nodes');
  const sessionsOf = (id: string) => streams.doc(id).collection('sessions');
  const broadcastsOf = (id: string) => streams.doc(id).collection('broadcasts');
  const list = <T>(schema: z.ZodType<T>, query: Query): Promise<T[]> =>
    read(async () => (await query.get()).docs.map((document) => parse(schema, document)));

  const write = (transaction: Transaction, id: string, { stream, sessions = [], broadcasts = [] }: StreamChange): void => {
    if (stream) transaction.set(streams.doc(id), streamDocument(stream));
    for (const session of sessions) transaction.set(sessionsOf(id).doc(session.id), session);
    for (const broadcast of broadcasts) transaction.set(broadcastsOf(id).doc(broadcast.id), broadcast);
  };

  return {
    async createStream(stream) {
      try {
        await transact({
          read: async () => undefined,
          decide: (transaction) => transaction.create(streams.doc(stream.id), streamDocument(stream)),
        });
        return true;
      } catch (error) {
        if (failureCode(error) === ALREADY_EXISTS) return false;
        throw error;
      }
    },
    getStream: (id) => read(async () => parseIfThere(Stream, await streams.doc(id).get())),
    listStreams({ limit, after }) {
      const newestFirst = streams.orderBy('createdAt', 'desc').orderBy(FieldPath.documentId(), 'desc');
      return list(Stream, (after ? newestFirst.startAfter(after.createdAt, after.id) : newestFirst).limit(limit));
    },
    listUnfinishedStreams: () => list(Stream, streams.where('hasUnfinished', '==', true)),
    async deleteStream(id) {
      const existed = await transact({
        read: (transaction) => transaction.get(streams.doc(id)),
        decide(transaction, { exists, ref }) {
          transaction.delete(ref);
          return exists;
        },
      });
      for (const leftover of [sessionsOf(id), broadcastsOf(id)]) await deleteAll(leftover);
      return existed;
    },
    changeStream: (id, decide) =>
      transact({
        read: (transaction) => transaction.get(streams.doc(id)),
        decide(transaction, found) {
          const { change, result } = decide(parseIfThere(Stream, found));
          if (change) write(transaction, id, change);
          return result;
        },
      }),
    listSessions: (id) => list(Session, sessionsOf(id).orderBy('ordinal')),
    listBroadcasts: (id) => list(Broadcast, broadcastsOf(id).orderBy('startedAt')),
    getNode: (id) => read(async () => parseIfThere(Node, await nodes.doc(id).get())),
    listNodes: () => list(Node, nodes),
    changeNode: (id, decide) =>
      transact({
        read: (transaction) => transaction.get(nodes.doc(id)),
        decide(transaction, found) {
          const { node, result } = decide(parseIfThere(Node, found));
          if (node) transaction.set(found.ref, node);
          return result;
        },
      }),
  };

  /** After the stream itself is gone no change adds to these any more; a deletion that broke off is finished by the next one. */
  async function deleteAll(documents: Query): Promise<void> {
    const deletePage = {
      read: (transaction: Transaction) => transaction.get(documents.select().limit(DELETE_PAGE)),
      decide(transaction: Transaction, { docs }: QuerySnapshot): number {
        for (const { ref } of docs) transaction.delete(ref);
        return docs.length;
      },
    };
    while ((await transact(deletePage)) === DELETE_PAGE);
  }
}

const streamDocument = (stream: Stream): DocumentData => ({ ...stream, hasUnfinished: stream.unfinished.length > 0 });

interface Stored {
  readonly ref: { readonly path: string };
  data(): DocumentData | undefined;
}

/** Names the document that is not what the contract says: somebody else wrote it. */
function parse<T>(schema: z.ZodType<T>, document: Stored): T {
  const parsed = schema.safeParse(document.data());
  if (parsed.success) return parsed.data;
  throw new Error(`Firestore document '${document.ref.path}' is not as the contract says`, { cause: parsed.error });
}

const parseIfThere = <T>(schema: z.ZodType<T>, document: Stored & { readonly exists: boolean }): T | undefined =>
  document.exists ? parse(schema, document) : undefined;
