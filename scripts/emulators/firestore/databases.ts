import { Database } from './database';
import { databaseOf, lastSegmentOf } from './names';
import { FirestoreError } from './wire/firestore-error';

/** The databases of one server, each made at its first use. */
export class Databases {
  readonly #databases = new Map<string, Database>();

  constructor(
    private readonly now: () => number,
    /** Ids that exist; `undefined`: all of them. */
    private readonly ids: readonly string[] | undefined,
  ) {}

  /** Returns the database that `name` names or belongs to. */
  of(name: string): Database {
    const path = databaseOf(name);
    if (this.ids !== undefined && !this.ids.includes(lastSegmentOf(path)))
      throw new FirestoreError('NOT_FOUND', `The database ${path} does not exist; there is: ${this.ids.join(', ')}.`);
    const database = this.#databases.get(path) ?? new Database(this.now);
    this.#databases.set(path, database);
    return database;
  }

  all(): Iterable<Database> {
    return this.#databases.values();
  }
}
