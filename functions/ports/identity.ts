import type { ApiKey, ApiKeyPrefix } from '../contract/identity';

/** API keys by prefix. A key somebody was given is never removed, so that a list shows what was revoked. */
export interface ApiKeyStore {
  /** False if the prefix is taken. */
  create(key: ApiKey): Promise<boolean>;
  get(prefix: ApiKeyPrefix): Promise<ApiKey | undefined>;
  /** Newest first (`createdAt`, then prefix downwards); `after` is the last key of the page before. */
  list(page: { limit: number; after?: Pick<ApiKey, 'prefix' | 'createdAt'> }): Promise<ApiKey[]>;
  /** Keys of the subject that are good at `nowMs`: neither revoked nor expired. */
  countGood(subject: string, nowMs: number): Promise<number>;
  /** True if there was one. For a key nobody was told: others are revoked. */
  remove(prefix: ApiKeyPrefix): Promise<boolean>;
  /** One transaction; `decide` may run several times and must have no effect of its own. */
  change<T>(prefix: ApiKeyPrefix, decide: (key: ApiKey | undefined) => { key?: ApiKey; result: T }): Promise<T>;
}

/**
 * Checks a JWT: signature by the issuer's keys, issuer, audience, lifetime. Resolves with its claims, unread. Rejects
 * with `unauthenticated`, saying what is wrong with it, or `unavailable` when the issuer's keys cannot be had.
 */
export type TokenVerifier = (token: string) => Promise<unknown>;
