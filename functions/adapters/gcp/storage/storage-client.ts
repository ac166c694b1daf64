import { IdempotencyStrategy, Storage } from '@google-cloud/storage';

/** Longer than any healthy request; a stuck one must not hold a handler for its whole lifetime. */
const REQUEST_TIMEOUT_MS = 15_000;

/**
 * The client of Cloud Storage, or of its stand-in at `apiEndpoint` (no credentials then).
 *
 * Its own retrying is off. `@google-cloud/storage` 7.22 keeps `autoRetry` on the shared client and switches it off and
 * on around single calls, waits at least a second, hides 429 from the caller, and never answers once `totalTimeout` is
 * over (`retry-request` 7 gives up without calling back). `gcsObjectStore` retries instead.
 */
export function storageClient(
  options: { projectId?: string | undefined; apiEndpoint?: string | undefined; timeoutMs?: number } = {},
): Storage {
  return new Storage({
    ...(options.projectId === undefined ? {} : { projectId: options.projectId }),
    ...(options.apiEndpoint === undefined ? {} : { apiEndpoint: options.apiEndpoint }),
    timeout: options.timeoutMs ?? REQUEST_TIMEOUT_MS,
    retryOptions: { autoRetry: false, idempotencyStrategy: IdempotencyStrategy.RetryNever },
  });
}
