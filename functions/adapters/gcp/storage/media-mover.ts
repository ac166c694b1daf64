import type { Bucket, Storage } from '@google-cloud/storage';
import type { Policy } from '../../../contract/ids';
import type { MoveMedia } from '../../../ports/stores';
import { failureCode, type RetryOptions, retrying } from '../google/retry';

/**
 * Copies on Cloud Storage's side, with metadata, then removes. Not its own move, which stays within a bucket.
 * https://cloud.google.com/storage/docs/json_api/v1/objects/rewrite
 */
export function gcsMediaMover(
  storage: Storage,
  names: Readonly<Record<Policy, string>>,
  retry: RetryOptions = {},
): MoveMedia {
  const again = <T>(request: () => Promise<T>) => retrying(request, { ...retry, waitOutRate: true });
  const bucketOf = (policy: Policy): Bucket => storage.bucket(names[policy]);
  return async (from, to) => {
    const source = bucketOf(from.bucket).file(from.name);
    const copied = await unlessGone(() => again(() => source.copy(bucketOf(to.bucket).file(to.name))));
    if (copied === undefined) return false;
    await unlessGone(() => again(() => source.delete()));
    return true;
  };
}

async function unlessGone<T>(request: () => Promise<T>): Promise<T | undefined> {
  try {
    return await request();
  } catch (error) {
    if (failureCode(error) === 404) return undefined;
    throw error;
  }
}
