import { type DocumentData, FieldValue, type Firestore, Timestamp, type WriteResult } from '@google-cloud/firestore';
import { IdempotencyRecord } from '../../../contract/state';
import type { IdempotencyStore, Version } from '../../../ports/idempotency';
import { readable } from '../../readable';
import { FAILED_PRECONDITION, firestoreCalls, NOT_FOUND, unlessRefused } from './firestore-calls';
import { parseIfThere } from './stream-documents';

/** The document is gone, or another one. */
const CHANGED = [NOT_FOUND, FAILED_PRECONDITION];

/**
 * `idempotency/{id}` in Firestore. A version is a document's update time, so that every write is one request and no
 * transaction. https://cloud.google.com/firestore/docs/reference/rpc/google.firestore.v1#precondition
 */
export function firestoreIdempotencyStore(
  firestore: Firestore,
  options: { deadlineMs?: number } = {},
): IdempotencyStore {
  const { create, read } = firestoreCalls(firestore, options.deadlineMs);
  const documentOf = (id: string) => firestore.collection('idempotency').doc(id);
  const unlessChanged = async (write: () => Promise<WriteResult>): Promise<Version | undefined> =>
    versionOf((await unlessRefused(CHANGED, () => read(write)))?.writeTime);
  return {
    create: async (record) => versionOf((await create(documentOf(record.id), stored(record)))?.writeTime),
    async get(id) {
      const document = await read(() => documentOf(id).get());
      const record = parseIfThere(IdempotencyRecord, document);
      const version = versionOf(document.updateTime);
      return record && version ? { record, version } : undefined;
    },
    replace(record, version) {
      const fields = { ...stored(record), sealed: record.sealed ?? FieldValue.delete() };
      return unlessChanged(() => documentOf(record.id).update(fields, { lastUpdateTime: timeOf(version) }));
    },
    async remove(id, version) {
      await unlessChanged(() => documentOf(id).delete({ lastUpdateTime: timeOf(version) }));
    },
  };
}

/** `removeAt` is what Firestore's time to live goes by, which wants a timestamp. */
const stored = (record: IdempotencyRecord): DocumentData => ({
  ...readable(IdempotencyRecord, record, `idempotency/${record.id}`),
  removeAt: Timestamp.fromMillis(record.expiresAt),
});

const versionOf = (time: Timestamp | undefined): Version | undefined => time && `${time.seconds}.${time.nanoseconds}`;

function timeOf(version: Version): Timestamp {
  const [seconds, nanoseconds] = version.split('.').map(Number);
  return new Timestamp(seconds ?? 0, nanoseconds ?? 0);
}
