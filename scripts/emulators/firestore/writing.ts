import { randomBytes } from 'node:crypto';
import type { Database } from './database';
import type { Databases } from './databases';
import { databaseOf } from './names';
import { masked } from './reading';
import type { Transactions } from './transactions';
import { toTimestamp } from './values/time';
import { FirestoreError, wireError } from './wire/firestore-error';
import type * as wire from './wire/messages';
import { stageWrites } from './writes';

const CONTENTION =
  'Aborted due to cross-transaction contention. This occurs when multiple transactions attempt to access the same ' +
  'data, requiring Firestore to abort at least one in order to enforce serializability.';

interface Committed {
  writeResults: wire.WireWriteResult[];
  commitTime: wire.Timestamp;
}

/** The calls that change documents. */
export class DocumentWrites {
  constructor(
    private readonly databases: Databases,
    private readonly transactions: Transactions,
  ) {}

  commit({ database, writes, transaction: id }: wire.CommitRequest): Committed {
    const transaction = id === undefined || id.length === 0 ? undefined : this.transactions.take(id);
    if (transaction?.readOnly && writes.length > 0)
      throw new FirestoreError('INVALID_ARGUMENT', 'Cannot modify entities in a read-only transaction.');
    if (transaction && writes.length > 0 && !transaction.isCurrent()) throw new FirestoreError('ABORTED', CONTENTION);
    return commitWrites(this.databases.of(database), database, writes);
  }

  /** Carries out each write by itself: one that fails leaves the others alone. */
  batchWrite({ database, writes }: wire.BatchWriteRequest): {
    writeResults: wire.WireWriteResult[];
    status: CommitAttempt['status'][];
  } {
    const outcomes = writes.map((write) =>
      attempt(() => commitWrites(this.databases.of(database), database, [write]).writeResults[0] ?? {}),
    );
    return { writeResults: outcomes.map(({ result }) => result), status: outcomes.map(({ status }) => status) };
  }

  createDocument({
    parent,
    collectionId,
    documentId = '',
    document,
    mask,
  }: wire.CreateDocumentRequest): wire.DocumentMessage {
    const name = `${parent}/${collectionId}/${documentId === '' ? randomBytes(10).toString('hex') : documentId}`;
    this.#write(name, { update: { name, fields: document?.fields ?? {} }, currentDocument: { exists: false } });
    return this.#shown(name, mask);
  }

  updateDocument({ document, updateMask, mask, currentDocument }: wire.UpdateDocumentRequest): wire.DocumentMessage {
    this.#write(document.name, { update: document, updateMask, currentDocument });
    return this.#shown(document.name, mask);
  }

  deleteDocument({ name, currentDocument }: wire.DeleteDocumentRequest): object {
    this.#write(name, { delete: name, currentDocument });
    return {};
  }

  #write(name: string, write: wire.Write): void {
    commitWrites(this.databases.of(name), databaseOf(name), [write]);
  }

  #shown(name: string, mask: wire.Mask | undefined): wire.DocumentMessage {
    const document = this.databases.of(name).get(name);
    if (document === undefined) throw new FirestoreError('NOT_FOUND', `Document "${name}" not found.`);
    return masked(document, mask);
  }
}

function commitWrites(database: Database, path: string, writes: readonly wire.Write[]): Committed {
  const time = database.nextCommitTime();
  const { changes, results } = stageWrites(database, writes, { database: path, time });
  database.commit(changes, time);
  return { writeResults: results, commitTime: toTimestamp(time) };
}

interface CommitAttempt {
  result: wire.WireWriteResult;
  status: { code: number; message: string };
}

function attempt(run: () => wire.WireWriteResult): CommitAttempt {
  try {
    return { result: run(), status: { code: 0, message: '' } };
  } catch (error) {
    const { code, details } = wireError(error);
    return { result: {}, status: { code, message: details } };
  }
}
