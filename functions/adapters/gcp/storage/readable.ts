import { buffer } from 'node:stream/consumers';
import type { Storage } from '@google-cloud/storage';
import type { Policy } from '../../../contract/ids';

/** An object of a lost region is not waited for: the newcomer's first segment waits with it. */
const PATIENCE_MS = 3000;

/**
 * Finds out whether the bytes of an object can be had, by its first one: names and metadata are in both regions at
 * once, bytes follow.
 */
export const gcsReadable =
  (storage: Storage, buckets: Readonly<Record<Policy, string>>) =>
  async (policy: Policy, name: string): Promise<boolean> => {
    const body = storage.bucket(buckets[policy]).file(name).createReadStream({ start: 0, end: 0, validation: false });
    const timer = setTimeout(() => body.destroy(new Error(`no byte within ${PATIENCE_MS} ms`)), PATIENCE_MS);
    try {
      return (await buffer(body)).length > 0;
    } catch {
      return false;
    } finally {
      clearTimeout(timer);
    }
  };
