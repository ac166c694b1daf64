import { randomBytes } from 'node:crypto';
import { type Database, toMessage } from './database';
import type { Databases } from './databases';
import { parseFieldPath, project } from './field-path';
import { FirestoreError, wireError } from './firestore-error';
import type * as wire from './messages';
import { databaseOf } from './names';
import { toTimestamp } from './time';
import type { Transactions } from './transactions';
import { stageWrites } from './writes';

const CONTENTION =
  'Aborted due to cross-transaction contention. This occurs when multiple transactions attempt to access the same data, requiring Firestore to abort at least one in order to enforce serializability.';

/** The calls that change documents. */
export function writing(databases: Databases, transactions: Transactions) {
  const write = (name: string, one: wire.Write): Database => {
    commitWrites(databases.of(name), databaseOf(name), [one]);
    return databases.of(name);
  };

  const masked = (database: Database, name: string, mask: wire.Mask | undefined): wire.DocumentMessage => {
    const document = database.get(name);
    if (document === undefined) throw new FirestoreError('NOT_FOUND', `Document "${name}" not found.`);
    return toMessage(document, mask ? project(document.fields, mask.fieldPaths.map(parseFieldPath)) : document.fields);
  };

  return {
    Commit({ database: path, writes, transaction: id }: wire.CommitRequest) {
      const database = databases.of(path);
      const transaction = id === undefined || id.length === 0 ? undefined : transactions.take(id);
      if (transaction?.readOnly && writes.length > 0)
        throw new FirestoreError('INVALID_ARGUMENT', 'Cannot modify entities in a read-only transaction.');
      if (transaction && writes.length > 0 && !transaction.isCurrent()) throw new FirestoreError('ABORTED', CONTENTION);
      return commitWrites(database, path, writes);
    },

    /** Each write for itself: one that fails leaves the others alone. */
    BatchWrite({ database: path, writes }: wire.BatchWriteRequest) {
      const outcomes = writes.map((one) => attempt(() => commitWrites(databases.of(path), path, [one]).writeResults[0] ?? {}));
      return { writeResults: outcomes.map(({ result }) => result), status: outcomes.map(({ status }) => status) };
    },

    CreateDocument({ parent, collectionId, documentId = '', document, mask }: wire.CreateDocumentRequest) {
      const name = `${parent}/${collectionId}/${documentId === '' ? randomBytes(10).toString('hex') : documentId}`;
      const update = { name, fields: document?.fields ?? {} };
      return masked(write(name, { update, currentDocument: { exists: false } }), name, mask);
    },

    UpdateDocument({ document, updateMask, mask, currentDocument }: wire.UpdateDocumentRequest) {
      return masked(write(document.name, { update: document, updateMask, currentDocument }), document.name, mask);
    },

    DeleteDocument({ name, currentDocument }: wire.DeleteDocumentRequest) {
      write(name, { delete: name, currentDocument });
      return {};
    },
  };
}

function commitWrites(database: Database, path: string, writes: readonly wire.Write[]) {
  const time = database.nextCommitTime();
  const { changes, results } = stageWrites(database, writes, { database: path, time });
  database.commit(changes, time);
  return { writeResults: results, commitTime: toTimestamp(time) };
}

interface Attempt {
  result: wire.WriteResult;
  status: { code: number; message: string };
}

function attempt(run: () => wire.WriteResult): Attempt {
  try {
    return { result: run(), status: { code: 0, message: '' } };
  } catch (error) {
    const { code, details } = wireError(error);
    return { result: {}, status: { code, message: details } };
  }
}
