import type { Database, DocumentView, StoredDocument } from './database';
import { type PlacedQuery, runQuery } from './query/query';
import { FirestoreError } from './wire/firestore-error';
import type { Consistency, TransactionOptions } from './wire/messages';

/** https://cloud.google.com/firestore/quotas#limits */
const LIFETIME_MS = 270_000;

/**
 * An optimistic transaction: it remembers the version of each document it read and the result of each query, and may
 * commit only while all of them are unchanged.
 */
export class Transaction {
  readonly #versions = new Map<string, number>();
  readonly #queries: { query: PlacedQuery; found: string }[] = [];

  constructor(
    readonly id: string,
    readonly database: Database,
    readonly readOnly: boolean,
    readonly startedAt: number,
  ) {
    this.view = readOnly ? database.snapshot() : database;
  }

  readonly view: DocumentView;

  readDocument(name: string, document: StoredDocument | undefined): void {
    if (!this.readOnly && !this.#versions.has(name)) this.#versions.set(name, versionOf(document));
  }

  readQuery(query: PlacedQuery, documents: readonly StoredDocument[]): void {
    if (!this.readOnly) this.#queries.push({ query, found: fingerprint(documents) });
  }

  /** Tells whether everything that this transaction has read is unchanged. */
  isCurrent(): boolean {
    for (const [name, version] of this.#versions) if (versionOf(this.database.get(name)) !== version) return false;
    return this.#queries.every(({ query, found }) => fingerprint(runQuery(this.database, query)) === found);
  }
}

const versionOf = (document: StoredDocument | undefined): number => document?.updateTime ?? 0;
const fingerprint = (documents: readonly StoredDocument[]): string =>
  documents.map((document) => `${document.name}@${document.updateTime}`).join('\n');

/** The point in time of a read: the state that it sees, and the transaction that records it. */
export interface Reading {
  view: DocumentView;
  transaction?: Transaction;
  /** Set when this read began the transaction: the client learns it from the first message. */
  begun?: Buffer;
}

/** The transactions of all databases that are neither committed, rolled back nor too old. */
export class Transactions {
  readonly #open = new Map<string, Transaction>();
  #count = 0;

  constructor(private readonly now: () => number) {}

  begin(database: Database, options: TransactionOptions = {}): Buffer {
    if (options.readOnly?.readTime) throw pastRead();
    for (const [id, { startedAt }] of this.#open) if (startedAt < this.now() - LIFETIME_MS) this.#open.delete(id);
    const id = `transaction-${++this.#count}`;
    this.#open.set(id, new Transaction(id, database, options.readOnly !== undefined, this.now()));
    return Buffer.from(id);
  }

  /** Returns the transaction and ends it: no other call can use it from now on. */
  take(id: Buffer): Transaction {
    const transaction = this.#find(id);
    this.#open.delete(transaction.id);
    return transaction;
  }

  reading(database: Database, { transaction: id, newTransaction, readTime }: Consistency): Reading {
    if (readTime) throw pastRead();
    if (newTransaction) {
      const begun = this.begin(database, newTransaction);
      const transaction = this.#find(begun);
      return { view: transaction.view, transaction, begun };
    }
    if (id === undefined || id.length === 0) return { view: database };
    const transaction = this.#find(id);
    return { view: transaction.view, transaction };
  }

  /** The client starts a new transaction after exactly this message. */
  #find(id: Buffer): Transaction {
    const transaction = this.#open.get(id.toString());
    if (transaction) return transaction;
    throw new FirestoreError('INVALID_ARGUMENT', 'The referenced transaction has expired or is no longer valid.');
  }
}

const pastRead = (): FirestoreError =>
  new FirestoreError(
    'FAILED_PRECONDITION',
    'Reads of the past (read_time) are not served here: no old versions are kept.',
  );
