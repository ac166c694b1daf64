/**
 * Everything a caller can have done wrong. The code is on the wire and never changes; `functions/http` owns the status of each.
 */
export type ErrorCode =
  | 'bad_request'
  | 'bad_playlist'
  | 'unauthenticated'
  | 'forbidden'
  | 'stream_not_found'
  | 'route_not_found'
  | 'method_not_allowed'
  | 'body_too_large'
  | 'unavailable';

/** An expected refusal. The message is for people: what was wrong, the value got, what is allowed; never a secret. */
export class DomainError extends Error {
  override readonly name = 'DomainError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}
