/**
 * A refusal in Cloud Storage's words. `reason` is Google's; the JSON API and the XML API each have their own form of
 * it.
 */
export class StorageError extends Error {
  override readonly name = 'StorageError';

  constructor(
    readonly status: number,
    readonly reason: string,
    message: string,
    readonly location?: string,
  ) {
    super(message);
  }
}

const USAGE_LIMITS = ['rateLimitExceeded', 'userRateLimitExceeded'];

/** The body of every error of the JSON API. https://cloud.google.com/storage/docs/json_api/v1/status-codes */
export function errorBody(error: StorageError): string {
  const { status: code, message, reason, location } = error;
  const domain = USAGE_LIMITS.includes(reason) ? 'usageLimits' : 'global';
  const at =
    location === undefined ? {} : { locationType: location.startsWith('If-') ? 'header' : 'parameter', location };
  return JSON.stringify({ error: { code, message, errors: [{ message, domain, reason, ...at }] } });
}

export const bucketMissing = () => new StorageError(404, 'notFound', 'The specified bucket does not exist.');
export const objectMissing = (bucket: string, name: string) =>
  new StorageError(404, 'notFound', `No such object: ${bucket}/${name}`);
export const invalid = (message: string, location?: string) => new StorageError(400, 'invalid', message, location);
export const conditionNotMet = () =>
  new StorageError(
    412,
    'conditionNotMet',
    'At least one of the pre-conditions you specified did not hold.',
    'If-Match',
  );
/** The answer to a read has no body. */
export const notModified = () => new StorageError(304, 'notModified', 'Not Modified', 'If-None-Match');
export const rateLimited = (bucket: string, name: string) =>
  new StorageError(
    429,
    'rateLimitExceeded',
    `The object ${bucket}/${name} exceeded the rate limit for object mutation operations (create, update, and ` +
      'delete). ' +
      'Please reduce your request rate. See https://cloud.google.com/storage/docs/gcs429.',
  );
