/**
 * Everything a caller can have done wrong. The code is on the wire and never changes; `functions/http` owns the status
 * of each.
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
  | 'invalid_field'
  | 'session_not_found'
  | 'recording_not_found'
  | 'node_not_found'
  | 'policy_fixed'
  | 'session_live'
  | 'recording_unfinished'
  /** Timed metadata with this id and other content is there. */
  | 'metadata_conflict'
  | 'precondition_failed'
  | 'idempotency_in_progress'
  | 'idempotency_mismatch'
  | 'api_key_not_found'
  | 'grant_not_found'
  | 'grant_ended'
  | 'grant_limit'
  /** An owner has as many streams or keys as the environment lets one have. */
  | 'stream_limit'
  | 'api_key_limit'
  /** A stream or an address has as many viewers as it may have. */
  /** The caller asks too often. */
  | 'rate_limited'
  | 'playlist_not_found'
  | 'content_key_not_found'
  | 'origin_not_allowed'
  | 'stream_not_gated'
  | 'stream_suspended'
  /** The body is of another type than the route takes. */
  | 'unsupported_type'
  /** An offer of codecs or media that SRS does not have. */
  | 'media_unsupported'
  /** The stream is not being published. */
  | 'not_live'
  /** The present publisher of the stream cannot be replaced now. */
  | 'publisher_busy'
  /** Another publisher has taken the stream over from one that reconnects by itself. */
  | 'publisher_replaced'
  /** The stream has no chat. */
  | 'chat_disabled'
  /** A moderator muted or banned the sender. */
  | 'chat_restricted'
  | 'chat_message_not_found'
  | 'chat_sender_not_found'
  | 'webhook_not_found'
  | 'delivery_not_found'
  | 'webhook_limit'
  | 'budget_stop'
  | 'unavailable';

/** `field`: its path; `body` is the whole. */
export interface WrongField {
  field: string;
  message: string;
}

/** Use of a quota: the things it counts, how many there are, and how many there may be. */
export interface QuotaUse {
  of: 'streams' | 'apiKeys' | 'webhooks' | 'grants';
  used: number;
  allowed: number;
}

interface DomainErrorOptions {
  cause?: unknown;
  fields?: readonly WrongField[];
  quota?: QuotaUse;
  retryAfterSeconds?: number;
}

/** An expected refusal. The message is for people: what was wrong, the value got, what is allowed; never a secret. */
export class DomainError extends Error {
  override readonly name = 'DomainError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    private readonly options: DomainErrorOptions = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : {});
  }

  /** Every wrong field. Present if the code is `invalid_field`. */
  get fields(): readonly WrongField[] {
    return this.options.fields ?? [];
  }

  /** The seconds after which the same request may be taken; absent: unknown. */
  get retryAfterSeconds(): number | undefined {
    return this.options.retryAfterSeconds;
  }

  /** The quota, of a `…_limit` that is one. */
  get quota(): QuotaUse | undefined {
    return this.options.quota;
  }
}
