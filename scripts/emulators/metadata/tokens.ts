import { randomUUID } from 'node:crypto';
import { createLocalJWKSet, exportJWK, generateKeyPair, type JSONWebKeySet, jwtVerify, SignJWT } from 'jose';

/** Google's: https://accounts.google.com/.well-known/openid-configuration */
const ISSUER = 'https://accounts.google.com';
const ALGORITHM = 'RS256';
/** Google's ID tokens of service accounts live an hour. */
export const TOKEN_SECONDS = 3600;

/** Mints and checks the ID tokens of service accounts; the key lives as long as the process. */
export interface Tokens {
  /** The public key, as `https://www.googleapis.com/oauth2/v3/certs` publishes Google's. */
  readonly jwks: JSONWebKeySet;
  /** Returns an ID token of a service account for one audience; the same one for a minute, as Google's are reused. */
  issue(identity: TokenIdentity): Promise<string>;
  /** Returns the account of the token; `undefined` when signature, issuer, audience or lifetime is wrong. */
  verify(token: string, audience: string): Promise<{ readonly email: string } | undefined>;
}

interface TokenIdentity {
  readonly email: string;
  readonly audience: string;
}

/** A signature takes a millisecond, and every event carries a token. */
const KEEP_MS = 60_000;

function forAMinute(issue: (identity: TokenIdentity) => Promise<string>): (identity: TokenIdentity) => Promise<string> {
  const kept = new Map<string, { token: Promise<string>; until: number }>();
  return (identity) => {
    const key = `${identity.email} ${identity.audience}`;
    const now = performance.now();
    const known = kept.get(key);
    if (known !== undefined && now < known.until) return known.token;
    const token = issue(identity);
    kept.set(key, { token, until: now + KEEP_MS });
    return token;
  };
}

export async function createTokens(): Promise<Tokens> {
  const { privateKey, publicKey } = await generateKeyPair(ALGORITHM);
  const kid = randomUUID();
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid, alg: ALGORITHM, use: 'sig' }] };
  const keySet = createLocalJWKSet(jwks);
  const issue = ({ email, audience }: TokenIdentity): Promise<string> =>
    new SignJWT({ email, email_verified: true, azp: email })
      .setProtectedHeader({ alg: ALGORITHM, kid, typ: 'JWT' })
      .setIssuer(ISSUER)
      .setSubject(subjectOf(email))
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime(`${TOKEN_SECONDS}s`)
      .sign(privateKey);
  return {
    jwks,
    issue: forAMinute(issue),
    verify: async (token, audience) => {
      const checked = await jwtVerify(token, keySet, { issuer: ISSUER, audience, algorithms: [ALGORITHM] }).catch(
        () => undefined,
      );
      const email = checked?.payload.email;
      return typeof email === 'string' ? { email } : undefined;
    },
  };
}

/** A service account's unique id is a number; any stable one will do. */
const subjectOf = (email: string): string =>
  `1${[...email].reduce((sum, char) => (sum * 31n + BigInt(char.charCodeAt(0))) % 10n ** 20n, 0n)}`;
