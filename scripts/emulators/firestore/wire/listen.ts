import type { Database, StoredDocument } from '../database';
import { toMessage } from '../database';
import type { Databases } from '../databases';
import { projection, runQuery } from '../query/query';
import { toTimestamp } from '../values/time';
import { FirestoreError } from './firestore-error';
import type { ListenRequest, ListenResponse, WatchTarget } from './messages';

type Send = (response: ListenResponse) => void;

/**
 * One Listen stream: targets come and go, and each commit is followed by its changes to them. A target that resumes
 * gets everything again after RESET, with which every client must cope.
 */
export class ListenStream {
  readonly #targets = new Map<number, ListenTarget>();
  #unwatch: (() => void) | undefined;

  constructor(
    private readonly databases: Databases,
    private readonly send: Send,
  ) {}

  handle({ database: path, addTarget, removeTarget }: ListenRequest): void {
    if (removeTarget !== undefined) {
      this.#targets.delete(removeTarget);
      this.send({ targetChange: { targetChangeType: 'REMOVE', targetIds: [removeTarget] } });
    }
    if (addTarget !== undefined) this.#add(this.databases.of(path), addTarget);
  }

  close(): void {
    this.#unwatch?.();
    this.#targets.clear();
  }

  #add(database: Database, description: WatchTarget): void {
    const target = new ListenTarget(database, description, this.send);
    const targetIds = [target.id];
    this.send({ targetChange: { targetChangeType: 'ADD', targetIds } });
    if ((description.resumeToken?.length ?? 0) > 0)
      this.send({ targetChange: { targetChangeType: 'RESET', targetIds } });
    target.sendChanges();
    this.send({ targetChange: { targetChangeType: 'CURRENT', targetIds, ...snapshotOf(database) } });
    this.#sendSnapshot(database);
    this.#targets.set(target.id, target);
    this.#unwatch ??= database.watch(() => this.#follow(database));
  }

  #follow(database: Database): void {
    const changed = [...this.#targets.values()].filter((target) => target.sendChanges());
    if (changed.length > 0) this.#sendSnapshot(database);
  }

  /** All targets are consistent at this time: the client may show its documents. */
  #sendSnapshot(database: Database): void {
    this.send({ targetChange: { targetChangeType: 'NO_CHANGE', ...snapshotOf(database) } });
  }
}

const snapshotOf = (database: Database) => {
  const time = database.readTime();
  return { readTime: toTimestamp(time), resumeToken: Buffer.from(String(time)) };
};

class ListenTarget {
  readonly id: number;
  /** The client's documents: names and versions. */
  #known = new Map<string, number>();

  constructor(
    private readonly database: Database,
    private readonly target: WatchTarget,
    private readonly send: Send,
  ) {
    this.id = target.targetId ?? 0;
  }

  /** Sends every difference from the client's documents; true if there was one. */
  sendChanges(): boolean {
    const documents = this.#evaluate();
    const present = new Set(documents.map(({ name }) => name));
    const gone = [...this.#known.keys()].filter((name) => !present.has(name));
    const changed = documents.filter(({ name, updateTime }) => this.#known.get(name) !== updateTime);
    for (const name of gone) this.#sendRemoval(name);
    for (const document of changed) this.#sendDocument(document);
    this.#known = new Map(documents.map(({ name, updateTime }) => [name, updateTime]));
    return gone.length + changed.length > 0;
  }

  #evaluate(): StoredDocument[] {
    const { query, documents } = this.target;
    if (query) return runQuery(this.database, query);
    if (documents) return documents.documents.flatMap((name) => this.database.get(name) ?? []);
    throw new FirestoreError('INVALID_ARGUMENT', 'A target is a query or a list of documents.');
  }

  #sendDocument(document: StoredDocument): void {
    const select = this.target.query && projection(this.target.query.structuredQuery);
    this.send({ documentChange: { document: toMessage(document, select?.(document)), targetIds: [this.id] } });
  }

  #sendRemoval(name: string): void {
    const removal = { document: name, removedTargetIds: [this.id], readTime: toTimestamp(this.database.readTime()) };
    this.send(this.database.get(name) ? { documentRemove: removal } : { documentDelete: removal });
  }
}
