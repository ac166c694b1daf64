import type { Preconditions } from './api/preconditions';
import type { ObjectHeaders, StoredRecord } from './objects';
import type { Conditions, ObjectTarget, Store } from './store';

/**
 * Copies an object on the server: bytes and, without `headers`, the headers of the source. The copy has a generation of
 * its own.
 */
export async function copyObject(
  store: Store,
  source: ObjectTarget & { conditions: Conditions },
  destination: ObjectTarget & { preconditions: Preconditions; headers?: ObjectHeaders },
): Promise<StoredRecord> {
  const { bucket, name, preconditions } = destination;
  const record = store.get(source, source.conditions);
  const bytes = await store.content(record);
  return store.insert({ bucket, name }, { bytes, headers: destination.headers ?? record.headers, preconditions });
}

/** Joins the sources one after another, within one bucket. */
export async function composeObject(
  store: Store,
  sources: readonly { name: string; generation?: string | undefined }[],
  destination: ObjectTarget & { preconditions: Preconditions; headers: ObjectHeaders },
): Promise<StoredRecord> {
  const { bucket, name, headers, preconditions } = destination;
  const records = sources.map((source) =>
    store.get({ bucket, name: source.name }, source.generation === undefined ? {} : { generation: source.generation }),
  );
  const parts = await Promise.all(records.map((record) => store.content(record)));
  const componentCount = records.reduce((sum, record) => sum + (record.componentCount ?? 1), 0);
  return store.insert({ bucket, name }, { bytes: Buffer.concat(parts), headers, preconditions, componentCount });
}
