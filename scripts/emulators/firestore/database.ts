import { parentOf } from './names';
import { type Micros, toTimestamp } from './values/time';
import type { DocumentFields, DocumentMessage } from './wire/messages';

/** A stored document: it is never changed, only replaced. */
export interface StoredDocument {
  readonly name: string;
  readonly fields: DocumentFields;
  readonly createTime: Micros;
  readonly updateTime: Micros;
}

/** The state that reads need: the present of a database, or a snapshot of it. */
export interface DocumentView {
  /** Returns the time of the snapshot. */
  readTime(): Micros;
  get(name: string): StoredDocument | undefined;
  /** Full paths of the collections that hold a document. */
  collections(): Iterable<string>;
  documentsIn(collection: string): Iterable<StoredDocument>;
}

/** Documents by name after a commit; `undefined` for a deleted one. */
export type Changes = ReadonlyMap<string, StoredDocument | undefined>;

/** The documents of one database. Every commit has a later time than all before it, so a time is also a version. */
export class Database implements DocumentView {
  readonly #collections: Map<string, Map<string, StoredDocument>>;
  readonly #watchers = new Set<() => void>();
  #lastCommit: Micros = 0;

  constructor(
    private readonly now: () => number,
    collections = new Map<string, Map<string, StoredDocument>>(),
  ) {
    this.#collections = collections;
  }

  readTime(): Micros {
    this.#lastCommit = Math.max(this.#lastCommit, this.now() * 1000);
    return this.#lastCommit;
  }

  get(name: string): StoredDocument | undefined {
    return this.#collections.get(parentOf(name))?.get(name);
  }

  collections(): Iterable<string> {
    return this.#collections.keys();
  }

  documentsIn(collection: string): Iterable<StoredDocument> {
    return this.#collections.get(collection)?.values() ?? [];
  }

  /** Returns the time of the next commit. */
  nextCommitTime(): Micros {
    return Math.max(this.#lastCommit + 1, this.now() * 1000);
  }

  /** Commits all of `changes` at once. Watchers are called before this returns. */
  commit(changes: Changes, commitTime: Micros): void {
    this.#lastCommit = commitTime;
    for (const [name, document] of changes) this.#replace(name, document);
    if (changes.size > 0) for (const watcher of this.#watchers) watcher();
  }

  /** Calls `watcher` after each commit until the returned function is called. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Keeps the present state: documents are shared, the maps that hold them are copied. */
  snapshot(): DocumentView {
    const time = this.readTime();
    const collections = new Map([...this.#collections].map(([path, documents]) => [path, new Map(documents)]));
    return new Database(() => time / 1000, collections);
  }

  #replace(name: string, document: StoredDocument | undefined): void {
    const path = parentOf(name);
    const collection = this.#collections.get(path) ?? new Map<string, StoredDocument>();
    if (document === undefined) collection.delete(name);
    else collection.set(name, document);
    if (collection.size === 0) this.#collections.delete(path);
    else this.#collections.set(path, collection);
  }
}

export const toMessage = (
  { name, fields, createTime, updateTime }: StoredDocument,
  select = fields,
): DocumentMessage => ({
  name,
  fields: select,
  createTime: toTimestamp(createTime),
  updateTime: toTimestamp(updateTime),
});
