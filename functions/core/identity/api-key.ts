import { API_KEY, type ApiKey, type CreateApiKey } from '../../contract/identity';
import type { RandomId } from '../../ports/stores';
import { DomainError } from '../errors';
import { equalSecrets, sha256Hex } from '../signing/hash';

const DAY_MS = 86_400_000;
/** A busy key is written about once in this long. */
const LAST_USED_STEP_MS = 60_000;

/** A new key, and the document that remembers it: the key itself is shown once and kept nowhere. */
export function mintApiKey(wanted: CreateApiKey, { randomId, nowMs }: { randomId: RandomId; nowMs: number }) {
  const { expiresInDays, ...said } = wanted;
  const prefix = randomId(8);
  const key = `slk_${prefix}_${randomId(32)}`;
  const record: ApiKey = {
    ...said,
    prefix,
    hash: sha256Hex(key),
    createdAt: nowMs,
    ...(expiresInDays === undefined ? {} : { expiresAt: nowMs + expiresInDays * DAY_MS }),
  };
  return { key, record };
}

/** The prefix of a well-formed API key, by which its document is found. */
export const apiKeyPrefix = (key: string): string | undefined => API_KEY.exec(key)?.[1];

/** No key has this hash: comparing with it takes as long as with a real one. */
const NO_HASH = '0'.repeat(64);

/**
 * The document the key belongs to. Throws `unauthenticated` for an unknown key; the message says so if the key was
 * revoked or has expired.
 */
export function checkApiKey(key: string, record: ApiKey | undefined, nowMs: number): ApiKey {
  const isGenuine = equalSecrets(sha256Hex(key), record?.hash ?? NO_HASH);
  if (record === undefined || !isGenuine) throw new DomainError('unauthenticated', 'the API key is unknown');
  if (record.revokedAt !== undefined)
    throw new DomainError('unauthenticated', `the API key '${record.prefix}' was revoked`);
  if (record.expiresAt !== undefined && record.expiresAt <= nowMs) {
    throw new DomainError('unauthenticated', `the API key '${record.prefix}' has expired`);
  }
  return record;
}

/** Returns whether the key opens anything: it is neither revoked nor expired. */
export const isGood = ({ revokedAt, expiresAt = Number.POSITIVE_INFINITY }: ApiKey, nowMs: number): boolean =>
  revokedAt === undefined && expiresAt > nowMs;

/** The key as used now; `undefined` when that is known to the minute. */
export const touched = (key: ApiKey | undefined, nowMs: number): ApiKey | undefined =>
  key === undefined || nowMs - (key.lastUsedAt ?? 0) < LAST_USED_STEP_MS ? undefined : { ...key, lastUsedAt: nowMs };

/** The key, revoked; as it is if it was before. */
export const revoked = (key: ApiKey, nowMs: number): ApiKey =>
  key.revokedAt === undefined ? { ...key, revokedAt: nowMs } : key;
