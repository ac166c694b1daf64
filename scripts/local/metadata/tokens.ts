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
  /** An ID token of a service account for one audience. */
  issue(identity: { readonly email: string; readonly audience: string }): Promise<string>;
  /** Whose token it is; `undefined` when signature, issuer, audience or lifetime is wrong. */
  verify(token: string, audience: string): Promise<{ readonly email: string } | undefined>;
}

export async function createTokens(): Promise<Tokens> {
  const { privateKey, publicKey } = await generateKeyPair(ALGORITHM);
  const kid = randomUUID();
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid, alg: ALGORITHM, use: 'sig' }] };
  const keySet = createLocalJWKSet(jwks);
  return {
    jwks,
    issue: ({ email, audience }) =>
      new SignJWT({ email, email_verified: true, azp: email })
        .setProtectedHeader({ alg: ALGORITHM, kid, typ: 'JWT' })
        .setIssuer(ISSUER)
        .setSubject(subjectOf(email))
        .setAudience(audience)
        .setIssuedAt()
        .setExpirationTime(`${TOKEN_SECONDS}s`)
        .sign(privateKey),
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
