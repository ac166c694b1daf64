import type { GuessLimiter } from '../app/guess-limiter';
import type { SigningKey } from '../contract/signing-keys';
import { verifyRoomToken } from '../core/chat/room-token';
import { DomainError } from '../core/errors';
import { apiKeyPrefix, checkApiKey, touched } from '../core/identity/api-key';
import {
  OPERATOR,
  type Principal,
  principalOfClaims,
  principalOfKey,
  principalOfRoom,
} from '../core/identity/principal';
import { equalSecrets } from '../core/signing/hash';
import type { ApiKeyStore, TokenVerifier } from '../ports/identity';
import type { Clock, Log } from '../ports/stores';

export interface AuthenticateDeps {
  /** The operator's key of the environment. */
  adminKey: string;
  apiKeys: ApiKeyStore;
  /** Absent: the environment has no identity provider, and takes no JWT. */
  verifyToken?: TokenVerifier;
  /** The keys of room tokens; absent: none is taken. */
  roomTokenKeys?: readonly SigningKey[];
  guessLimiter: GuessLimiter;
  clock: Clock;
  log: Log;
}

const BEARER = /^Bearer +([\x21-\x7e]{1,8192})$/i;
const JWT = /^[\w-]+\.[\w-]+\.[\w-]*$/;

/**
 * Finds the sender of a request: `Authorization: Bearer <admin key, API key or JWT>`. Throws `unauthenticated`, the
 * slower the more wrong ones come from one address. Revoking a key works at once: its document is read every time.
 */
export function authenticator(deps: AuthenticateDeps): (request: Request) => Promise<Principal> {
  return async (request) => {
    const credential = bearerOf(request);
    if (credential === undefined) {
      throw new DomainError('unauthenticated', "no credential: send 'Authorization: Bearer <API key or token>'");
    }
    try {
      return await identify(credential, deps);
    } catch (error) {
      if (error instanceof DomainError && error.code === 'unauthenticated') await slowDown(request, credential, deps);
      throw error;
    }
  };
}

/** The credential of `Authorization: Bearer`; `undefined` if there is none. */
export const bearerOf = (request: Request): string | undefined =>
  BEARER.exec(request.headers.get('authorization') ?? '')?.[1];

async function identify(credential: string, deps: AuthenticateDeps): Promise<Principal> {
  const prefix = apiKeyPrefix(credential);
  if (prefix !== undefined) return byApiKey(credential, prefix, deps);
  const room = verifyRoomToken(credential, { keys: deps.roomTokenKeys ?? [], nowMs: deps.clock.now() });
  if (room !== undefined) return principalOfRoom(room);
  if (JWT.test(credential) && deps.verifyToken !== undefined)
    return principalOfClaims(await deps.verifyToken(credential));
  if (equalSecrets(credential, deps.adminKey)) return OPERATOR;
  throw new DomainError('unauthenticated', 'the credential is unknown');
}

async function byApiKey(key: string, prefix: string, { apiKeys, clock, log }: AuthenticateDeps): Promise<Principal> {
  const record = checkApiKey(key, await apiKeys.get(prefix), clock.now());
  if (touched(record, clock.now()) !== undefined) await noteUse(prefix, { apiKeys, clock, log });
  return principalOfKey(record);
}

/** Notes the use. Of several instances that note the same use one writes. A failed note keeps nobody out. */
async function noteUse(
  prefix: string,
  { apiKeys, clock, log }: Pick<AuthenticateDeps, 'apiKeys' | 'clock' | 'log'>,
): Promise<void> {
  try {
    await apiKeys.change(prefix, (current) => {
      const key = touched(current, clock.now());
      return key === undefined ? { result: undefined } : { key, result: undefined };
    });
  } catch (error) {
    log.warn('api_key_use_not_noted', { prefix, error });
  }
}

async function slowDown(request: Request, credential: string, { guessLimiter, log }: AuthenticateDeps): Promise<void> {
  const ip = clientAddress(request);
  const prefix = apiKeyPrefix(credential);
  const { alert } = await guessLimiter.failed([
    `address ${ip}`,
    ...(prefix === undefined ? [] : [`API key ${prefix}`]),
  ]);
  if (alert !== undefined) log.error('credentials_guessed', { of: alert.key, failures: alert.failures, ip });
}

/** The load balancer puts the client's address and its own behind whatever the client claims. */
export function clientAddress(request: Request): string {
  const hops = (request.headers.get('x-forwarded-for') ?? '').split(',').map((hop) => hop.trim());
  return (hops.length > 1 ? hops.at(-2) : hops.at(-1)) || 'unknown';
}
