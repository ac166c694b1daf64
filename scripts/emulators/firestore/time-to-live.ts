import type { Database } from './database';
import { lastSegmentOf } from './names';
import { fieldReader } from './query/filters';
import { fromTimestamp } from './values/time';

/**
 * Documents of `collectionGroup` expire once the timestamp in `field` is past.
 * https://cloud.google.com/firestore/docs/ttl
 */
export interface TimeToLive {
  collectionGroup: string;
  field: string;
}

/**
 * Removes expired documents; the real service does so within a day. A field that is no timestamp keeps its document.
 */
export function sweep(database: Database, policies: readonly TimeToLive[], nowMs: number): void {
  const gone = policies.flatMap((policy) => expired(database, policy, nowMs * 1000));
  if (gone.length > 0) database.commit(new Map(gone.map((name) => [name, undefined])), database.nextCommitTime());
}

function expired(database: Database, { collectionGroup, field }: TimeToLive, nowMicros: number): string[] {
  const read = fieldReader(field);
  const collections = [...database.collections()].filter((path) => lastSegmentOf(path) === collectionGroup);
  return collections
    .flatMap((path) => [...database.documentsIn(path)])
    .filter((document) => {
      const value = read(document);
      return value !== undefined && 'timestampValue' in value && fromTimestamp(value.timestampValue) <= nowMicros;
    })
    .map(({ name }) => name);
}
