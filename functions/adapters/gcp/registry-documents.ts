import type { DocumentData, Firestore, Transaction } from '@google-cloud/firestore';
import type { z } from 'zod';
import type { Stream } from '../../contract/state';
import type { StreamChange } from '../../core/ports';

/** Where the registry's documents are, as `functions/contract/state.ts` lays them out. */
export class RegistryDocuments {
  constructor(private readonly firestore: Firestore) {}

  readonly streams = () => this.firestore.collection('streams');
  readonly nodes = () => this.firestore.collection('nodes');
  readonly stream = (id: string) => this.streams().doc(id);
  readonly sessions = (id: string) => this.stream(id).collection('sessions');
  readonly broadcasts = (id: string) => this.stream(id).collection('broadcasts');

  /** Queues what `change` leaves behind. */
  write(transaction: Transaction, id: string, { stream, sessions = [], broadcasts = [] }: StreamChange): void {
    if (stream) transaction.set(this.stream(id), streamDocument(stream));
    for (const session of sessions) transaction.set(this.sessions(id).doc(session.id), session);
    for (const broadcast of broadcasts) transaction.set(this.broadcasts(id).doc(broadcast.id), broadcast);
  }
}

/** `hasUnfinished` stands beside a stream because a query cannot ask for a list that is not empty; reading drops it. */
export const streamDocument = (stream: Stream): DocumentData => ({ ...stream, hasUnfinished: stream.unfinished.length > 0 });

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

export const parseIfThere = <T>(schema: z.ZodType<T>, document: Stored & { readonly exists: boolean }): T | undefined =>
  document.exists ? parse(schema, document) : undefined;
