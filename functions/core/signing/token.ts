import type { StreamId } from '../../contract/ids';
import type { SigningKey } from '../../contract/signing-keys';
import { equalSecrets } from './hash';
import { hmacSha256, keyBytes } from './hmac';

/** Purposes of tokens, and the letters each begins with: none passes for another, and all are found in a log. */
export const TOKEN_PREFIXES = { play: 'slp', playlist: 'slv', renewal: 'slr' } as const;
export type TokenPurpose = keyof typeof TOKEN_PREFIXES;

/** The holder of a token. It is bound to stream and grant; `expires` in seconds since the epoch. */
export interface GrantClaims {
  streamId: StreamId;
  grantId: string;
  expires: number;
}

/** Hex digits of a MAC: 160 of HMAC-SHA256's 256 bits. */
const MAC_LENGTH = 40;
const TOKEN = /^(sl[pvr])_([a-z0-9]{16})_([1-9][0-9]{9,10})_([0-9a-f]{40})$/;

/**
 * `<slp|slv|slr>_<grant id>_<expires>_<mac>`: no character that a URL, a cookie or SRS's query parser would touch. It
 * carries no stream: its bearer says which one is meant, and the MAC has to be of that one.
 */
export function mintToken(purpose: TokenPurpose, claims: GrantClaims, key: SigningKey): string {
  const { grantId, expires } = claims;
  return `${TOKEN_PREFIXES[purpose]}_${grantId}_${expires}_${macOf(purpose, claims, key)}`;
}

/**
 * The claims of a token that any of the keys made for this purpose and stream, and that has not expired; else
 * `undefined`.
 */
export function verifyToken(
  token: string,
  wanted: { purpose: TokenPurpose; streamId: StreamId; keys: readonly SigningKey[]; nowMs: number },
): GrantClaims | undefined {
  const [, prefix, grantId = '', expires, mac = ''] = TOKEN.exec(token) ?? [];
  if (prefix !== TOKEN_PREFIXES[wanted.purpose]) return undefined;
  const claims = { streamId: wanted.streamId, grantId, expires: Number(expires) };
  const isGenuine = wanted.keys.some((key) => equalSecrets(macOf(wanted.purpose, claims, key), mac));
  return isGenuine && wanted.nowMs < claims.expires * 1000 ? claims : undefined;
}

const macOf = (purpose: TokenPurpose, { streamId, grantId, expires }: GrantClaims, key: SigningKey): string =>
  hmacSha256(keyBytes(key), `srs-live ${purpose} ${streamId} ${grantId} ${expires}`)
    .toString('hex')
    .slice(0, MAC_LENGTH);
