import { type DocumentData, FieldPath, type Firestore, type Query, type Transaction } from '@google-cloud/firestore';
import type { z } from 'zod';
import { Broadcast, Session, Stream } from '../../../contract/state';
import type { StreamChange } from '../../../ports/stores';
import { readable } from '../../readable';

/** The places of the stream store's documents, as `functions/contract/state.ts` lays them out. */
export class StreamDocuments {
  constructor(private readonly firestore: Firestore) {}

  readonly streams = () => this.firestore.collection('streams');
  readonly nodes = () => this.firestore.collection('nodes');
  readonly stream = (id: string) => this.streams().doc(id);
  readonly sessions = (id: string) => this.stream(id).collection('sessions');
  readonly broadcasts = (id: string) => this.stream(id).collection('broadcasts');

  /** Queues what `change` leaves behind. */
  write(transaction: Transaction, id: string, { stream, sessions = [], broadcasts = [], removed }: StreamChange): void {
    if (stream) transaction.set(this.stream(id), streamDocument(stream));
    for (const session of sessions) {
      const document = this.sessions(id).doc(session.id);
      transaction.set(document, readable(Session, session, document.path));
    }
    for (const broadcast of broadcasts) {
      const document = this.broadcasts(id).doc(broadcast.id);
      transaction.set(document, readable(Broadcast, broadcast, document.path));
    }
    for (const sessionId of removed?.sessions ?? []) transaction.delete(this.sessions(id).doc(sessionId));
    for (const broadcastId of removed?.broadcasts ?? []) transaction.delete(this.broadcasts(id).doc(broadcastId));
  }

  /** Newest first, of one owner or of all, after a place. */
  newestStreams(after: StreamPlace | undefined, owner: string | undefined): Query {
    if (owner !== undefined) {
      const beginning = after ? ownedAt({ ...after, owner }) : `${encodeURIComponent(owner)}0`;
      return this.streams()
        .orderBy('ownedAt', 'desc')
        .startAfter(beginning)
        .endBefore(`${encodeURIComponent(owner)}/`);
    }
    const newestFirst = this.streams().orderBy('createdAt', 'desc').orderBy(FieldPath.documentId(), 'desc');
    return after ? newestFirst.startAfter(after.createdAt, after.id) : newestFirst;
  }
}

type StreamPlace = Pick<Stream, 'id' | 'createdAt'>;

/**
 * One field to order the streams of an owner by, so that no composite index is needed; `0` is the character after `/`.
 */
const ownedAt = ({ owner, createdAt, id }: StreamPlace & { owner: string }): string =>
  `${encodeURIComponent(owner)}/${String(createdAt).padStart(15, '0')}/${id}`;

/**
 * `hasUnfinished`, `hasMediaWork`, `hasPendingEvents`, `expiresFirstAt`: a query cannot ask what is in a list. Reading
 * drops what was added.
 */
export function streamDocument(whole: Stream): DocumentData {
  const { owner, ...stream } = readable(Stream, whole, `streams/${whole.id}`);
  const expiries = [...(stream.expiring ?? []).map(({ at }) => at), stream.recordingsExpireAt ?? []].flat();
  return {
    ...stream,
    hasUnfinished: stream.unfinished.length > 0,
    hasMediaWork: stream.mediaWork !== undefined,
    hasPendingEvents: (stream.pendingEvents?.length ?? 0) > 0,
    ...(expiries.length > 0 && { expiresFirstAt: Math.min(...expiries) }),
    ...(owner === undefined ? {} : { owner, ownedAt: ownedAt({ ...stream, owner }) }),
  };
}

interface Stored {
  readonly ref: { readonly path: string };
  data(): DocumentData | undefined;
}

/** Names the document that is not what the contract says: somebody else wrote it. */
export function parse<T>(schema: z.ZodType<T>, document: Stored): T {
  const parsed = schema.safeParse(document.data());
  if (parsed.success) return parsed.data;
  throw new Error(`Firestore document '${document.ref.path}' is not as the contract says`, { cause: parsed.error });
}

export const parseIfThere = <T>(
  schema: z.ZodType<T>,
  document: Stored & { readonly exists: boolean },
): T | undefined => (document.exists ? parse(schema, document) : undefined);
