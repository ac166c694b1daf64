import type { TurnCredentials } from '../../contract/turn';
import { DomainError } from '../errors';
import { sha256Hex } from '../signing/hash';
import { turnPassword } from '../signing/hmac';

/** `secret`: shared with the servers. `urls`: what is tried first first. */
export interface TurnServers {
  urls: readonly string[];
  secret: string;
}

/** Hex digits of a user's name: enough that two never share a quota. */
const USER_LENGTH = 20;

/**
 * Credentials that name their own expiry, bound to a user so that the servers count that user's allocations: a caller,
 * or a grant. The servers see a hash of the name, since it stands in their logs. `unavailable` where there are no TURN
 * servers.
 */
export function turnCredentials(
  { urls, secret }: TurnServers,
  { user, lifetimeSeconds, nowMs }: { user: string; lifetimeSeconds: number; nowMs: number },
): TurnCredentials {
  if (urls.length === 0) throw new DomainError('unavailable', 'this environment has no TURN servers');
  const expires = Math.floor(nowMs / 1000) + lifetimeSeconds;
  const username = `${expires}:${sha256Hex(user).slice(0, USER_LENGTH)}`;
  return {
    iceServers: [{ urls: [...urls], username, credential: turnPassword(username, secret) }],
    expiresAt: new Date(expires * 1000).toISOString(),
  };
}
