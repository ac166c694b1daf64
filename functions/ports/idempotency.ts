import type { IdempotencyRecord } from '../contract/state';

/** The version of a record. A change that names it succeeds only if the record has not changed since. */
export type Version = string;

/** Requests that named themselves, and what they were answered. They vanish some time after they expired. */
export interface IdempotencyStore {
  /** Undefined, and nothing changes, if there is a record with this id. */
  create(record: IdempotencyRecord): Promise<Version | undefined>;
  get(id: string): Promise<{ record: IdempotencyRecord; version: Version } | undefined>;
  /** In the place of what was `version`; undefined, and nothing changes, if it is that no more. */
  replace(record: IdempotencyRecord, version: Version): Promise<Version | undefined>;
  /** Nothing changes if it is not `version` any more. */
  remove(id: string, version: Version): Promise<void>;
}
