import { createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { IdentityProvider } from '../contract/identity';
import { DomainError } from '../core/errors';
import type { TokenVerifier } from '../ports/identity';
import type { Clock } from '../ports/stores';

/** Signatures only the issuer can make. HS256 would take its public key for a secret, and `none` takes nothing. */
const TOKEN_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'];
/** Clocks differ; a token counts this much longer, and this much earlier. */
const CLOCK_SKEW_SECONDS = 30;
/** However long the issuer says: a token that is older than a day is refused. */
const MAX_AGE_SECONDS = 86_400;

/**
 * The issuer's keys, fetched when a token names one that is not known, at most every 30 s, so that a rotation needs
 * nothing done here; forgotten after 10 minutes, so that a key it withdrew stops counting.
 */
export const remoteKeys = (url: string, { cooldownMs = 30_000 } = {}): JWTVerifyGetKey =>
  createRemoteJWKSet(new URL(url), { timeoutDuration: 3000, cooldownDuration: cooldownMs, cacheMaxAge: 600_000 });

/** A `TokenVerifier` for one issuer and audience. `keys`: `remoteKeys(provider.jwksUrl)`, or a set that is at hand. */
export function oidcVerifier(
  { issuer, audience }: Pick<IdentityProvider, 'issuer' | 'audience'>,
  { keys, clock }: { keys: JWTVerifyGetKey; clock: Pick<Clock, 'now'> },
): TokenVerifier {
  return async (token) => {
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience,
        algorithms: TOKEN_ALGORITHMS,
        requiredClaims: ['sub', 'exp', 'iat'],
        clockTolerance: CLOCK_SKEW_SECONDS,
        maxTokenAge: MAX_AGE_SECONDS,
        currentDate: new Date(clock.now()),
      });
      return payload;
    } catch (error) {
      throw refusalOf(error);
    }
  };
}

/** Returns what the caller may read: which check failed, never what the token says. */
function refusalOf(error: unknown): DomainError {
  if (!isAboutTheToken(error)) {
    return new DomainError('unavailable', "the identity provider's keys cannot be had: try again", { cause: error });
  }
  return new DomainError('unauthenticated', `the token is refused: ${reasonOf(error)}`);
}

/** Failures that concern the keys: no answer, another answer than 200 with JSON, a document that is no key set. */
const ABOUT_THE_KEYS: readonly string[] = ['ERR_JWKS_TIMEOUT', 'ERR_JOSE_GENERIC', 'ERR_JWKS_INVALID'];

const isAboutTheToken = (error: unknown): error is errors.JOSEError =>
  error instanceof errors.JOSEError && !ABOUT_THE_KEYS.includes(error.code);

function reasonOf(error: errors.JOSEError): string {
  if (error instanceof errors.JWTExpired) return 'it has expired';
  if (error instanceof errors.JWTClaimValidationFailed) return `its claim '${error.claim}' is not as it must be`;
  if (error instanceof errors.JOSEAlgNotAllowed) return `its algorithm is not one of ${TOKEN_ALGORITHMS.join(', ')}`;
  if (error instanceof errors.JWKSNoMatchingKey) return 'it is signed with a key the issuer does not have';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'its signature is wrong';
  return 'it is malformed';
}
